"""No way on starts a controller while something of a user's would be lost once it runs."""

from collections.abc import Iterator

import pytest

from ks_reset.findings import check_rule
from ks_reset.findings.fleet import deletion_without_controller, foreseen_loss, orphan_finalizer
from ks_reset.findings.request import absent_target
from ks_reset.model import Finding, FleetFacts, Options
from tests.build import facts
from tests.shorthand import expand_dial, expand_object

HELD = {"finalizers": ["finalizers.kubesphere.io/namespaces"], "labels": {"kubesphere.io/workspace": "ws1"}}
ROWS = [
    {"Deployment kubesphere-system/ks-controller-manager": {"replicas": 0}},
    {"Deployment kube-federation-system/kubefed-controller-manager": {"replicas": 0}},
    {"WorkspaceTemplate old -> host": {"deleted": True, "finalizers": ["finalizers.workspacetemplate.kubesphere.io"]}},
    {"Namespace shop": HELD},
    "Workspace ws1",
    "KubeFedCluster host -> host",
    "FederatedTypeConfig configmaps -> ConfigMap",
    "FederatedNamespace shop/shop -> host",
    "FederatedConfigMap shop/prices -> host",
    "ConfigMap shop/other",
]
GUN = [
    "Namespace kube-system",
    "FederatedWorkspace old -> host",
    "Workspace old",
    {"Namespace barn": {"labels": {"kubesphere.io/workspace": "old"}, "owners": ["Workspace old"]}},
]


def starting(known: FleetFacts) -> Iterator[Finding]:
    for rule in (deletion_without_controller.check, orphan_finalizer.check, absent_target.check):
        yield from check_rule(rule, known, Options())


def fleet(*more: object) -> FleetFacts:
    return facts([expand_object(row) for row in (*ROWS, *more)], dials=[expand_dial("host -> host")])


def test_a_controller_is_started_where_nothing_is_lost_by_it() -> None:
    cures = [finding.cure for finding in starting(fleet())]
    assert len(cures) == 3
    assert all("--replicas=1" in cure and "Do not start" not in cure for cure in cures)


def test_a_controller_is_not_started_where_something_is_lost_once_it_runs() -> None:
    known = fleet(*GUN)
    cures = [finding.cure for finding in starting(known)]
    assert len(cures) == 3
    for cure in cures:
        assert "--replicas=1" not in cure
        assert "Do not start" in cure
        assert "with the namespace(s) barn" in cure
    (loss,) = check_rule(foreseen_loss.check, known, Options())
    assert "ks-reset plan defuse" in loss.cure


@pytest.mark.parametrize("running", [0, 1])
def test_where_defuse_cuts_nothing_the_controllers_that_act_are_stopped(running: int) -> None:
    rows = [
        {"Deployment kube-federation-system/kubefed-controller-manager": {"replicas": running}},
        "Namespace a",
        "KubeFedCluster host -> host",
        "FederatedTypeConfig namespaces -> Namespace",
        "FederatedTypeConfig configmaps -> ConfigMap",
        {"FederatedNamespace a/a -> host": {"deleted": True, "finalizers": ["kubefed.io/sync-controller"]}},
        {"FederatedConfigMap a/x -> host": {"finalizers": ["kubefed.io/sync-controller"]}},
        "ConfigMap a/x",
    ]
    known = facts([expand_object(row) for row in rows], dials=[expand_dial("host -> host")])
    (loss,) = check_rule(foreseen_loss.check, known, Options())
    assert "plan defuse" not in loss.cure
    stop = "kubectl --context host -n kube-federation-system scale deployment kubefed-controller-manager --replicas=0"
    assert (stop in loss.cure) == bool(running)
    assert "ks-reset explain configmaps/x -n a" in loss.cure
