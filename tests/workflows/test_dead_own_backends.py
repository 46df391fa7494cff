"""Lists unread because of KubeSphere's own dead backends: brakes go on, uninstall and repair mend them first."""

from types import SimpleNamespace
from typing import Any

import pytest
from msgspec import structs

from ks_reset.apply.preflight import recheck
from ks_reset.apply.refresh import gaps_to_pass, require_known
from ks_reset.errors import Refused, Unknown
from ks_reset.facts.dead_backends import idle_gaps, mended_gaps
from ks_reset.findings.unknown_losses import unknown_for_losses
from ks_reset.model import FleetFacts, Gap, Options, Plan, Request, StopConversion
from ks_reset.plan.playbook import load_playbook
from ks_reset.simulation import State
from ks_reset.simulation.actions import apply_action
from ks_reset.simulation.reading import facts_of
from ks_reset.workflows.plan import checked_plan
from tests.build import facts
from tests.shorthand import expand_case, expand_object

RECEIVERS = "receivers.notification.kubesphere.io"
GAP = {"what": f"list of {RECEIVERS}", "why": "500: conversion webhook failed"}
SERVICE = {"namespace": "kubesphere-monitoring-system", "name": "notification-manager-webhook"}
CRD = {
    f"CustomResourceDefinition {RECEIVERS}": {
        "spec": {
            "group": "notification.kubesphere.io",
            "names": {"kind": "Receiver"},
            "conversion": {"strategy": "Webhook", "webhook": {"clientConfig": {"service": SERVICE}}},
        }
    }
}


@pytest.fixture(autouse=True)
def state(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path))


def world(*more: Any, gaps: list[dict[str, Any]] | None = None) -> FleetFacts:
    rows = [
        "Endpoints",
        "Namespace kube-system",
        {"Namespace shop": {"labels": {"kubesphere.io/workspace": "ws1"}, "owners": ["Workspace ws1"]}},
        "Workspace ws1",
        "Receiver.v2beta2.notification.kubesphere.io",
        CRD,
        *more,
    ]
    return facts([expand_object(row) for row in rows], gaps=[GAP] if gaps is None else gaps)


def planned(name: str, known: FleetFacts) -> Plan:
    return checked_plan(load_playbook(name), known, Options())


@pytest.mark.parametrize("name", ["unbind", "defuse", "stale-record"])
def test_a_playbook_that_does_not_need_the_type_is_planned_at_once(name: str) -> None:
    plan = planned(name, world())
    assert not any(isinstance(action, StopConversion) for action in plan.actions)
    assert {action.step for action in planned("unbind", world()).actions} >= {"unbind"}


def test_an_uninstall_and_repair_stop_the_conversion_before_anything_else_is_changed() -> None:
    for name in ("uninstall", "repair"):
        first, second, *_ = planned(name, world()).actions
        assert (first.verb, second.verb, second.name) == ("seatbelt-on", "stop-conversion", RECEIVERS)
    assert planned("repair", world(gaps=[])).actions[1].verb == "stop-conversion"


def test_the_type_can_be_read_once_its_conversion_is_stopped_and_nothing_is_left_to_mend() -> None:
    known = world()
    plan = planned("repair", known)
    state = State.of(known)
    for action in plan.actions:
        state, _ = apply_action(state, action)
    after = facts_of(state)
    crd = after.host.get("CustomResourceDefinition.apiextensions.k8s.io", RECEIVERS)
    assert crd
    assert crd.spec["conversion"] == {"strategy": "None"}
    assert planned("repair", facts([crd.body])).actions == ()


def test_the_run_goes_on_with_this_list_unread_and_with_no_other() -> None:
    known = world()
    passed = idle_gaps(known.host, Request())
    require_known(known.host, known.host, passed)
    other = world(gaps=[GAP, {"what": "list of pods", "why": "500"}])
    with pytest.raises(Unknown, match=r"1 list\(s\) of host could not be read \(list of pods"):
        require_known(known.host, other.host, passed)


def test_a_seatbelt_comes_off_without_this_list_and_not_without_another() -> None:
    assert unknown_for_losses(world(), Options()) == ""
    assert "list of pods" in unknown_for_losses(world(gaps=[{"what": "list of pods", "why": "500"}]), Options())


def test_a_type_that_owns_objects_is_not_passed_over() -> None:
    owned = {"ConfigMap shop/hooks": {"owners": ["Receiver.v2beta2.notification.kubesphere.io pager"]}}
    with pytest.raises(Unknown, match=r"ks-reset plan repair --out repair\.json") as refused:
        planned("unbind", world(owned))
    assert f"patch crd {RECEIVERS} --type=merge" in str(refused.value)
    known = world(owned)
    assert planned("repair", known).actions[1].verb == "stop-conversion"
    require_known(known.host, known.host, mended_gaps(known.host, Request()))
    planned("unbind", world(owned, gaps=[]))


def test_what_is_found_once_the_list_is_read_stops_the_uninstall_as_it_would_have_before() -> None:
    plan = planned("uninstall", world())
    rows = ["DevOpsProject ci", "CustomResourceDefinition devopsprojects.devops.kubesphere.io -> DevOpsProject"]
    recheck(plan, load_playbook("uninstall"), world(gaps=[]))
    with pytest.raises(Refused, match=r"objects of 1 KubeSphere type\(s\), to be kept or given up"):
        recheck(plan, load_playbook("uninstall"), world(*rows, gaps=[]))


def leaving(hidden: bool) -> FleetFacts:
    """A host and its member eu, which has Receivers; `hidden`: their list fails."""
    label = {"labels": {"kubefed.io/managed": "true"}}
    account, role = "kube-federation-system/eu-host", "kubefed-controller-manager:eu-host"
    member = [
        *("Endpoints", CRD, "Namespace kube-system", "Namespace kube-federation-system", f"ServiceAccount {account}"),
        {f"ClusterRoleBinding {role}": {"subjects": [{"kind": "ServiceAccount", "name": "eu-host"}]}},
        {"Receiver.v2beta2.notification.kubesphere.io mine": label},
    ]
    host = ["Namespace kube-system", "Namespace kube-federation-system", "KubeFedCluster eu -> eu"]
    known = expand_case({"host": host, "members": {"eu": member}, "dials": ["eu -> eu"]})
    fleet = facts(known["host"], known["members"], known["dials"])
    (eu,) = fleet.members
    unread = {key: objects for key, objects in eu.objects.items() if not key.startswith("Receiver.")}
    gone = structs.replace(eu, objects=unread, gaps=(Gap(GAP["what"], GAP["why"]),))
    return structs.replace(fleet, members=(gone,)) if hidden else fleet


@pytest.mark.parametrize("name", ["detach-member", "adopt-member"])
def test_a_member_is_not_left_with_labels_in_a_list_that_was_not_read(name: str) -> None:
    options = Options(Request(members=("eu",), gone=("eu-host",)))
    marked = checked_plan(load_playbook(name), leaving(hidden=False), options).actions
    assert [action.target for action in marked if action.step == "unmark"] == [
        "Receiver.notification.kubesphere.io mine"
    ]
    with pytest.raises(Unknown, match=r"ks-reset plan repair --out repair\.json"):
        checked_plan(load_playbook(name), leaving(hidden=True), options)
    mended = checked_plan(load_playbook("repair"), leaving(hidden=True), options).actions
    assert [action.target for action in mended if action.step == "mend-apis"] == [
        f"CustomResourceDefinition.apiextensions.k8s.io {RECEIVERS}"
    ]


def test_a_member_shared_with_another_host_is_mended_by_hand() -> None:
    with pytest.raises(Unknown, match=f"patch crd {RECEIVERS} --type=merge") as refused:
        checked_plan(load_playbook("uninstall"), leaving(hidden=True), Options(Request(shared=("eu",))))
    assert "plan repair" not in str(refused.value)


KEEPING = Options(Request(kept_operators=("notification-manager-operator",)))


@pytest.mark.parametrize("name", ["uninstall", "repair"])
def test_the_list_of_a_kept_operator_stops_the_plan_until_its_backend_is_started(name: str) -> None:
    with pytest.raises(Unknown) as refused:
        checked_plan(load_playbook(name), world(), KEEPING)
    namespace, service = SERVICE.values()
    assert f"kubectl --context host -n {namespace} get endpoints {service} shows an address" in str(refused.value)
    assert "plan repair" not in str(refused.value)
    assert GAP["what"] in unknown_for_losses(world(), KEEPING)
    assert idle_gaps(world().host, KEEPING.request) == mended_gaps(world().host, KEEPING.request) == frozenset()


@pytest.mark.parametrize(("name", "passed"), [("detach-member", False), ("stale-record", True), ("repair", True)])
def test_a_run_passes_over_such_a_list_unless_it_takes_labels_off(name: str, *, passed: bool) -> None:
    fleet = leaving(hidden=True)
    run: Any = SimpleNamespace(facts=fleet, playbook=load_playbook(name), plan=SimpleNamespace(request=Request()))
    assert bool(gaps_to_pass(run, fleet.members[0])) is passed
    run.playbook, run.plan.request = load_playbook("uninstall"), Request(shared=("eu",))
    assert gaps_to_pass(run, fleet.members[0]) == frozenset()
