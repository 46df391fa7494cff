"""The way on from a namespace of KubeSphere's in deletion, typed in the state that the finding describes."""

from typing import Any

import pytest

from ks_reset.errors import Refused
from ks_reset.findings import check_rule
from ks_reset.findings.fleet import terminating_system_namespace
from ks_reset.model import FleetFacts, Options, Plan
from ks_reset.plan.playbook import load_playbook
from ks_reset.workflows.plan import checked_plan
from tests.build import asked, facts
from tests.shorthand import expand_object

GOING = {"Namespace kube-federation-system": {"deleted": True, "spec": {"finalizers": ["kubernetes"]}}}
HELD = {"ConfigMap kube-federation-system/notes": {"deleted": True, "finalizers": ["dock.example.com/hold"]}}
MARKED = {"Namespace shop": {"labels": {"kubefed.io/managed": "true"}}}
OWN = {"FederatedTypeConfig configmaps": {"deleted": True, "finalizers": ["core.kubefed.io/federated-type-config"]}}


@pytest.fixture(autouse=True)
def state(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path))


def world(*rows: Any) -> FleetFacts:
    return facts([expand_object("Namespace kube-system")], {"east": [expand_object(row) for row in rows]})


def adopted(known: FleetFacts) -> Plan:
    return checked_plan(load_playbook("adopt-member"), known, asked(members=("east",)))


def test_a_member_is_not_called_ready_while_nothing_can_be_created_there() -> None:
    patch = r"kubectl --context east -n kube-federation-system patch configmaps/notes --type=json -p "
    with pytest.raises(Refused, match=rf"is in deletion .*{patch}.*get namespace kube-federation-system"):
        adopted(world(GOING, HELD))
    assert adopted(world()).actions == ()


def test_the_gate_comes_before_the_seatbelt_of_a_plan_with_work_to_do() -> None:
    with pytest.raises(Refused, match="kube-federation-system of east is in deletion"):
        adopted(world(GOING, HELD, MARKED))
    assert adopted(world(MARKED)).actions[0].verb == "seatbelt-on"


def test_finalizers_of_kubefed_are_taken_off_by_the_playbooks_that_the_cure_names() -> None:
    known = facts([expand_object(row) for row in ("Namespace kube-system", GOING, OWN)])
    with pytest.raises(
        Refused, match=r"ks-reset plan repair --out repair\.json .*ks-reset plan uninstall --out plan\.json"
    ):
        checked_plan(load_playbook("adopt-member"), known, Options())
    for name, step in (("repair", "release-hanging"), ("uninstall", "release-finalizers")):
        plan = checked_plan(load_playbook(name), known, Options())
        assert [a.name for a in plan.actions if a.step == step] == ["configmaps"]


def cure_of(row: dict[str, Any], *more: Any) -> str:
    (finding,) = check_rule(terminating_system_namespace.check, world(row, *more), Options())
    return finding.cure


def test_a_finalizer_of_others_in_the_spec_is_taken_off_alone_and_no_playbook_is_promised() -> None:
    held = {"Namespace kubesphere-system": {"deleted": True, "spec": {"finalizers": ["openshift.io/origin"]}}}
    cure = cure_of(held)
    assert "ks-reset plan repair" not in cure
    command = (
        "kubectl --context east get namespace kubesphere-system -o json | jq "
        "'.spec.finalizers-=[\"openshift.io/origin\"]' | kubectl --context east replace --raw "
        "/api/v1/namespaces/kubesphere-system/finalize -f -"
    )
    assert command in cure


def test_what_the_api_server_says_of_the_deletion_is_told_where_nothing_else_is_known_to_hold_it() -> None:
    left = {"type": "NamespaceContentRemaining", "status": "True", "message": "pods. has 1 resource instances"}
    done = {"type": "NamespaceDeletionContentFailure", "status": "False", "message": "All content deleted"}
    row = {"deleted": True, "spec": {"finalizers": ["kubernetes"]}, "status": {"conditions": [left, done]}}
    cure = cure_of({"Namespace kubesphere-system": row})
    assert "pods. has 1 resource instances" in cure
    assert "All content deleted" not in cure
    assert "goes by itself" not in cure
    assert "goes by itself" in cure_of({"Namespace kubesphere-system": row | {"status": {}}})
