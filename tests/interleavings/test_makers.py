"""Every interleaving of small fleets with controllers that make things: the forecast has each loss of any of them."""

from typing import Any

import pytest

from ks_reset.catalogue.names import PROPAGATION_ANNOTATION
from ks_reset.model import FleetFacts
from ks_reset.simulation import State, lost_objects, run_controllers
from tests.build import facts
from tests.interleavings.search import losses
from tests.shorthand import expand_dial, expand_object

MANAGER = "Deployment kubesphere-system/ks-controller-manager"
CASCADING = "kubesphere.io/cascading-deletion"
V3, V4, V411 = (
    {MANAGER: {"replicas": 1, "image": f"kubesphere/ks-controller-manager:{version}"}}
    for version in ("v3.3.1", "v4.1.3", "v4.1.1")
)
KUBEFED = [
    {"Deployment kube-federation-system/kubefed-controller-manager": {"replicas": 1}},
    "Namespace kube-federation-system",
    "FederatedTypeConfig workspaces -> Workspace",
    "FederatedWorkspace",
    "KubeFedCluster host -> host",
]
MANAGED = {"labels": {"kubefed.io/managed": "true"}, "finalizers": ["finalizers.tenant.kubesphere.io"]}
SHOP = {"labels": {"kubesphere.io/workspace": "ws1"}, "owners": ["Workspace ws1"]}
JOINED = {"spec": {"joinFederation": True, "connection": {"kubeconfig": "some"}}}
TEMPLATE = "WorkspaceTemplate.v1beta1.tenant.kubesphere.io ws1"
WORKSPACE = "Workspace.v1beta1.tenant.kubesphere.io ws1"
DYING = {"deleted": True, "finalizers": [CASCADING], "annotations": {PROPAGATION_ANNOTATION: "Background"}}
OF_EU = ["KubeFedCluster eu -> eu"]
MEMBER = [V3, {"Workspace ws1": MANAGED}, {"Namespace shop": SHOP}]
BY_RECORD, BY_CLUSTER = ["host -> host", "eu -> eu"], [{"eu -> eu": {"way": "Cluster"}}]
WORLDS: dict[str, tuple[list[Any], list[Any], list[Any]]] = {
    "narrowed": (
        [
            V3,
            *KUBEFED,
            "KubeFedCluster eu -> eu",
            "WorkspaceTemplate ws1 -> host",
            "FederatedWorkspace ws1 -> host, eu",
        ],
        MEMBER,
        BY_RECORD,
    ),
    "made again": ([V3, *KUBEFED, "KubeFedCluster eu -> eu", "WorkspaceTemplate ws1 -> host"], MEMBER, BY_RECORD),
    "deleted": (
        [
            V3,
            *KUBEFED,
            "KubeFedCluster eu -> eu",
            {"WorkspaceTemplate ws1 -> eu": {"deleted": True, "finalizers": ["orphan.finalizers.kubesphere.io"]}},
            {"FederatedWorkspace ws1 -> eu": {"finalizers": ["kubefed.io/sync-controller"]}},
        ],
        MEMBER,
        BY_RECORD,
    ),
    "joined again": (
        [V3, *KUBEFED, {"Cluster eu": JOINED}, {"FederatedWorkspace ws1": {"spec": {"placement": {}}}}],
        MEMBER,
        ["host -> host", *BY_CLUSTER],
    ),
    "unmatched": (
        [V4, "Cluster eu", f"{TEMPLATE} -> host"],
        [V4, {WORKSPACE: {"finalizers": [CASCADING]}}, {"Namespace shop": SHOP}],
        BY_CLUSTER,
    ),
    "deleted everywhere": (
        [V4, "Cluster eu", {f"{TEMPLATE} -> eu": DYING}],
        [V4, {WORKSPACE: {"finalizers": [CASCADING]}}, {"Namespace shop": {"labels": SHOP["labels"]}}],
        BY_CLUSTER,
    ),
    "two Clusters": (
        [V411, "Cluster eu", "Cluster old-eu", f"{TEMPLATE} -> eu"],
        [V411, WORKSPACE, {"Namespace shop": SHOP}],
        [*BY_CLUSTER, {"old-eu -> eu": {"way": "Cluster"}}],
    ),
}
SPARED = ("deleted",)
"""Worlds without a loss: the orphan finalizer keeps the namespaces."""


def fleet(name: str) -> FleetFacts:
    host, member, dials = WORLDS[name]
    rows = [expand_object(row) for row in host], {"eu": [expand_object(row) for row in member]}
    return facts(*rows, [expand_dial(dial) for dial in dials])


@pytest.mark.parametrize("name", WORLDS)
def test_the_forecast_has_every_loss_of_every_order(name: str) -> None:
    first = State.of(fleet(name))
    foreseen = {subject.id for subject in lost_objects(first, run_controllers(first).after) if not subject.deleting}
    possible, states = losses(first)
    assert possible <= foreseen
    assert states > 3
    assert ("Namespace shop" in [place.title for place in possible]) is (name not in SPARED)
