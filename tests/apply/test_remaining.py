"""Approval: every field of an action is compared with the approved one, except its reason."""

from typing import Any

import pytest
from msgspec import structs

from ks_reset.apply.remaining import remaining_actions
from ks_reset.errors import Stale
from ks_reset.model import (
    Action,
    AddMarks,
    Create,
    Delete,
    InstallChart,
    Kind,
    Marks,
    Options,
    Plan,
    RemoveMarks,
    Scale,
    Skipped,
    Target,
)
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from tests.build import Rows, action, facts
from tests.shorthand import expand_case, expand_object

DEPLOYMENT = Kind("apps", "v1", "Deployment", "deployments", True)
OWNER = {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace", "name": "ws1", "uid": "u"}
ALL: list[tuple[type[Target], dict[str, Any]]] = [
    (Scale, {"replicas": 2, "uid": "u"}),
    (RemoveMarks, {"marks": Marks(labels={"a": "b"}), "uid": "u"}),
    (AddMarks, {"marks": Marks(labels={"a": "b"}, owners=(OWNER,)), "uid": "u"}),
    (Delete, {"uid": "u"}),
    (Create, {"body": {"spec": {}}}),
    (InstallChart, {"chart": "c", "values": {"a": 1}}),
]
CHANGES: dict[str, Any] = {
    "step": "t",
    "cluster": "uid-of-other",
    "kind": structs.replace(DEPLOYMENT, kind="StatefulSet"),
    "name": "other",
    "namespace": "other",
    "uid": "other",
    "replicas": 3,
    "body": {"spec": {"replicas": 1}},
    "sealed": True,
    "chart": "other",
    "values": {"a": 2},
}
FREE = {"why": "other", "along": "other", "possible": Marks(finalizers=("kubesphere.io/possible",))}


def left(approved: Action, fresh: Action, rows: Rows | None = None) -> list[Action]:
    known = facts(rows or [])
    plan = planning.make_plan(playbooks.load_playbook("uninstall"), known, Options())
    plans: list[Plan] = [structs.replace(plan, actions=(each,)) for each in (approved, fresh)]
    return remaining_actions(*plans, known)


def fields_of(verb: type[Target], changes: dict[str, Any]) -> list[str]:
    return [name for name in verb.__struct_fields__ if name in changes]


@pytest.mark.parametrize(
    ("verb", "more", "name"), [(verb, more, name) for verb, more in ALL for name in fields_of(verb, CHANGES)]
)
def test_an_action_with_another_field_than_approved_stops_the_run(
    verb: type[Target], more: dict[str, Any], name: str
) -> None:
    approved = action(verb, "uid-of-host", DEPLOYMENT, "web", **more)
    with pytest.raises(Stale, match=r"is not in the plan|has another UID than planned|has other \w+ than planned"):
        left(approved, structs.replace(approved, **{name: CHANGES[name]}))


@pytest.mark.parametrize(("verb", "more"), ALL)
def test_an_action_with_another_reason_is_approved(verb: type[Target], more: dict[str, Any]) -> None:
    approved = action(verb, "uid-of-host", DEPLOYMENT, "web", **more)
    changes = {name: FREE[name] for name in fields_of(verb, FREE)}
    fresh = structs.replace(approved, **changes, kind=structs.replace(DEPLOYMENT, version="v2"))
    mine = structs.replace(fresh, possible=approved.possible) if isinstance(approved, RemoveMarks) else fresh
    assert left(approved, fresh) == [mine]


def test_every_field_of_a_writing_verb_is_in_one_of_the_tables() -> None:
    names = {name for verb, _ in ALL for name in verb.__struct_fields__}
    assert names == {*CHANGES, *FREE, "marks"}


@pytest.mark.parametrize(
    "marks",
    [
        Marks(labels={"a": "c"}, owners=(OWNER,)),
        Marks(labels={"a": "b", "c": "d"}),
        Marks(labels={"a": "b"}, annotations={"c": "d"}),
        Marks(labels={"a": "b"}, finalizers=("c",)),
        Marks(labels={"a": "b"}, owners=({**OWNER, "uid": "other"},)),
    ],
)
def test_marks_to_add_that_were_not_approved_stop_the_run(marks: Marks) -> None:
    approved = action(AddMarks, "uid-of-host", DEPLOYMENT, "web", marks=Marks(labels={"a": "b"}, owners=(OWNER,)))
    with pytest.raises(Stale, match=r"add-marks Deployment\.apps web, which has other marks than planned"):
        left(approved, structs.replace(approved, marks=marks))


def test_marks_to_add_may_lose_an_owner_that_is_gone() -> None:
    approved = action(AddMarks, "uid-of-host", DEPLOYMENT, "web", marks=Marks(labels={"a": "b"}, owners=(OWNER,)))
    fresh = structs.replace(approved, marks=Marks(labels={"a": "b"}))
    assert left(approved, fresh) == [fresh]


API = {
    "APIService v1beta1.custom.metrics.k8s.io": {
        "spec": {
            "group": "custom.metrics.k8s.io",
            "version": "v1beta1",
            "service": {"namespace": "kubesphere-monitoring-system", "name": "prometheus-adapter"},
        }
    }
}


def test_a_deletion_is_approved_in_a_later_step_and_in_no_earlier_one() -> None:
    adapter = "Endpoints kubesphere-monitoring-system/prometheus-adapter"
    rows = expand_case({"host": [API, "Namespace kubesphere-monitoring-system"]})["host"]
    gap = [{"what": "API group custom.metrics.k8s.io/v1beta1", "why": "503"}]
    silent = facts([*rows, expand_object("Endpoints")], gaps=gap)
    answering = facts([*rows, expand_object({adapter: {"subsets": [{"addresses": [{"ip": "10.0.0.1"}]}]}})])
    before, now = (planning.make_plan(playbooks.load_playbook("uninstall"), f, Options()) for f in (silent, answering))
    deletions = [a for a in remaining_actions(before, now, answering) if a.kind.kind == "APIService"]
    assert [a.step for a in deletions] == ["remove-webhooks"]
    with pytest.raises(Stale, match="1 action"):
        remaining_actions(now, before, silent)
    again = structs.replace(deletions[0], uid="made-again")
    with pytest.raises(Stale, match="not in the plan"):
        remaining_actions(before, structs.replace(now, actions=(again,)), answering)


def test_what_the_plan_says_stays_is_not_deleted_once_its_reason_is_gone() -> None:
    rows: Rows = [{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "uid": "u"}}]
    known = facts(rows)
    fresh = planning.make_plan(playbooks.load_playbook("uninstall"), known, Options())
    late = action(Delete, known.host.identity, DEPLOYMENT, "web", uid="u")
    fresh = structs.replace(fresh, actions=(late,))
    approved = structs.replace(fresh, actions=(), kept=(Skipped(known.host.name, late.target, "a binding uses it"),))
    assert remaining_actions(approved, fresh, known) == []
    with pytest.raises(Stale, match="1 action"):
        remaining_actions(structs.replace(approved, kept=()), fresh, known)
