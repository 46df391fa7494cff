"""ReplicaSchedulingPreferences under the real kubefed: the Deployments it deletes are those the simulation loses."""

from pathlib import Path
from typing import Any

import pytest

from ks_reset import catalogue
from ks_reset.catalogue.names import DEPLOYMENT_KEY, KUBEFED_CLUSTER_KIND, KUBEFED_NAMESPACE
from ks_reset.cluster import until
from ks_reset.model import Body
from ks_reset.rehearsal import kubefed
from ks_reset.rehearsal.kubefed import Target
from ks_reset.rehearsal.objects import put_objects
from ks_reset.simulation import State, lost_objects, run_controllers
from ks_reset.simulation.events import start_controllers
from tests.differential.real import Pair, pair

pytestmark = [pytest.mark.rehearsal, pytest.mark.nightly]
TYPES = "types.kubefed.io/v1beta1"
NAMES = ("cart", "till", "bill", "desk", "mint", "none")
EVERYWHERE: Body = {"clusters": [{"name": "host"}, {"name": "test"}]}
SELECTING: Body = {**EVERYWHERE, "clusterSelector": {"matchLabels": {"region": "here"}}}


def federated(kind: str, name: str, placement: Body, **more: Any) -> Body:
    spec = {"placement": placement, "template": more}
    return {"apiVersion": TYPES, "kind": kind, "metadata": {"name": name, "namespace": "shop"}, "spec": spec}


def deployment(name: str) -> Body:
    container = {"name": "main", "image": "registry.example.com/main:1"}
    spec: Body = {"replicas": 1, "selector": {"matchLabels": {"app": name}}}
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}}
    return {"metadata": {"labels": {"app": name}}, "spec": {**spec, "template": template}}


def preference(name: str, kind: str = "FederatedDeployment", *, intersect: bool = True) -> Body:
    spec = {"targetKind": kind, "totalReplicas": 2, "intersectWithClusterSelector": intersect}
    about = {"apiVersion": "scheduling.kubefed.io/v1alpha1", "kind": "ReplicaSchedulingPreference"}
    return {**about, "metadata": {"name": name, "namespace": "shop"}, "spec": spec}


PREFERENCES = (
    preference("cart"),
    preference("till", intersect=False),
    preference("bill"),
    preference("desk", "FederatedReplicaSet"),
    preference("mint"),
)


def put_shop(planes: Pair) -> None:
    """Deployments on both clusters; `bill` has no clusterSelector, and that of `mint` selects nothing."""
    host = planes.clusters["host"]
    kubefed.install_kubefed(host, planes.programs, (Target("Deployment", "deployments", "apps"),))
    here = {"metadata": {"labels": {"region": "here"}}}
    host.merge_patch(KUBEFED_CLUSTER_KIND, "host", KUBEFED_NAMESPACE, here)
    for cluster in planes.clusters.values():
        put_objects(cluster, [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}])
    placed = {"bill": EVERYWHERE, "mint": {**EVERYWHERE, "clusterSelector": {"matchLabels": {"region": "nowhere"}}}}
    home = federated("FederatedNamespace", "shop", {**EVERYWHERE, "clusterSelector": {}})
    objects = [federated("FederatedDeployment", n, placed.get(n, SELECTING), **deployment(n)) for n in NAMES]
    put_objects(host, [home, *objects])


def deployments(planes: Pair, cluster: str) -> set[str]:
    known = next(c for c in planes.facts().clusters if c.name == cluster)
    return {obj.name for obj in known.of(DEPLOYMENT_KEY) if obj.namespace == "shop"}


def test_a_preference_loses_what_the_selector_does_not_select_and_nothing_else(tmp_path: Path) -> None:
    with pair("1.24.17", tmp_path) as planes:
        put_shop(planes)
        assert until(lambda: deployments(planes, "test") == set(NAMES), 120), "kubefed makes them all first"
        planes.kubefed(0)
        put_objects(planes.clusters["host"], list(PREFERENCES))
        facts = planes.facts()
        before = State.of(facts)
        after = run_controllers(start_controllers(before, catalogue.is_kubefed_controller)).after
        foreseen = {s.id.name for s in lost_objects(before, after) if s.id.key == DEPLOYMENT_KEY}
        assert foreseen == {"cart"}
        planes.kubefed(1)
        assert until(lambda: deployments(planes, "test") == set(NAMES) - foreseen, 120)
        planes.quiescent(lambda name: name == "shop")
        assert deployments(planes, "test") == set(NAMES) - foreseen
        assert deployments(planes, "host") == set(NAMES)
