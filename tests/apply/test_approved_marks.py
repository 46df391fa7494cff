"""A removal removes the marks that were approved: others stay and are told, or stop the run."""

from typing import Any

import pytest
from msgspec import structs

from ks_reset.apply.approved_marks import late_deletions, late_marks
from ks_reset.apply.preflight import require_late_marks_harmless
from ks_reset.apply.remaining import remaining_actions
from ks_reset.errors import Stale
from ks_reset.model import Delete, FleetFacts, Marks, Options, Plan, RemoveMarks
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.report.late import lines_on_late_changes
from tests.build import Rows, action, facts
from tests.shorthand import expand_object

TYPE = "CustomResourceDefinition workspaces.tenant.kubesphere.io -> Workspace v1alpha1"
MANAGER: dict[str, Any] = {"Deployment kubesphere-system/ks-controller-manager": {"replicas": 1}}
BOUND = {"labels": {"kubesphere.io/workspace": "ws1"}, "owners": ["Workspace ws1"]}
OWNER = {
    "apiVersion": "tenant.kubesphere.io/v1alpha1",
    "kind": "Workspace",
    "name": "ws2",
    "uid": "uid-of-Workspace--ws2",
}


def fleet(shop: dict[str, Any], *more: Any) -> FleetFacts:
    rows: Rows = [
        expand_object(row) for row in (TYPE, "Workspace ws1", "Workspace ws2", {"Namespace shop": shop}, *more)
    ]
    return facts(rows)


def plan_of(known: FleetFacts, name: str = "uninstall") -> Plan:
    return planning.make_plan(playbooks.load_playbook(name), known, Options())


def removed(actions: Any) -> list[Marks]:
    return [each.marks for each in actions if isinstance(each, RemoveMarks) and each.name == "shop"]


@pytest.mark.parametrize("name", ["uninstall", "unbind"])
@pytest.mark.parametrize(
    ("late", "told"),
    [
        ({"labels": {**BOUND["labels"], "kubesphere.io/managed": "true"}}, "label kubesphere.io/managed"),
        ({"labels": {"kubesphere.io/workspace": "ws2"}}, "label kubesphere.io/workspace"),
        ({"annotations": {"kubesphere.io/creator": "li"}}, "annotation kubesphere.io/creator"),
        ({"finalizers": ["kubesphere.io/cascading-deletion"]}, "finalizer kubesphere.io/cascading-deletion"),
    ],
)
def test_a_mark_added_after_the_approval_is_left_and_told(late: dict[str, Any], told: str, name: str) -> None:
    approved, now = plan_of(fleet(BOUND), name), fleet({**BOUND, **late})
    fresh = plan_of(now, name)
    before, after = removed(approved.actions)[0], removed(remaining_actions(approved, fresh, now))[0]
    assert not after - before
    found = [(each.object, name) for each in late_marks(approved, fresh) for name in each.marks.names]
    expected = [] if name == "unbind" and "annotation" in told else [("Namespace shop", told)]
    assert found == expected
    lines = "\n".join(lines_on_late_changes(approved, late_marks(approved, fresh), []))
    assert not expected or (told in lines and f"ks-reset plan {name} --out plan.json" in lines)


@pytest.mark.parametrize("name", ["uninstall", "unbind"])
def test_an_owner_added_after_the_approval_stops_the_run(name: str) -> None:
    approved = plan_of(fleet(BOUND), name)
    now = fleet({**BOUND, "labels": {"kubesphere.io/workspace": "ws2"}, "owners": ["Workspace ws2"]})
    with pytest.raises(Stale, match=r"has got ownerReference Workspace ws2 since.*ks-reset plan \w+ --out plan\.json"):
        remaining_actions(approved, plan_of(now, name), now)


def test_the_label_of_kubefed_added_after_the_approval_stops_the_run() -> None:
    now = fleet({**BOUND, "labels": {**BOUND["labels"], "kubefed.io/managed": "true"}})
    with pytest.raises(Stale, match=r"has got label kubefed\.io/managed since"):
        remaining_actions(plan_of(fleet(BOUND)), plan_of(now), now)


def test_an_owner_of_the_same_name_with_another_uid_is_approved() -> None:
    now = fleet({**BOUND, "owners": [{"Workspace ws1": {"uid": "again"}}]})
    approved, fresh = plan_of(fleet(BOUND)), plan_of(now)
    assert removed(remaining_actions(approved, fresh, now)) == removed(fresh.actions)


def test_an_owner_a_running_controller_may_add_is_in_the_plan_and_removed() -> None:
    before = fleet({"labels": BOUND["labels"]}, MANAGER)
    approved, now = plan_of(before), fleet(BOUND, MANAGER)
    left = removed(remaining_actions(approved, plan_of(now), now))
    assert [owner["name"] for marks in left for owner in marks.owners] == ["ws1"]


def test_an_object_approved_for_deletion_may_have_more_finalizers_by_now() -> None:
    system: dict[str, Any] = {"Namespace kubesphere-system": {"finalizers": ["finalizers.kubesphere.io/namespaces"]}}
    more = {"finalizers": ["finalizers.kubesphere.io/namespaces", "kubesphere.io/late"]}
    now = fleet(BOUND, {"Namespace kubesphere-system": more})
    approved, fresh = plan_of(fleet(BOUND, system)), plan_of(now)
    strips = [a for a in remaining_actions(approved, fresh, now) if a.step == "release-finalizers"]
    assert strips == [a for a in fresh.actions if a.step == "release-finalizers"]
    assert late_marks(approved, fresh) == []


def test_a_label_that_lets_a_running_controller_bind_the_namespace_stops_the_run() -> None:
    plain = {"annotations": {"kubesphere.io/creator": "li"}}
    now = fleet({**plain, "labels": {"kubesphere.io/workspace": "ws2"}}, MANAGER)
    approved, fresh = plan_of(fleet(plain, MANAGER)), plan_of(now)
    remaining_actions(approved, fresh, now)
    with pytest.raises(Stale, match=r"Namespace shop \(label kubesphere.io/workspace\).*not safe to leave"):
        require_late_marks_harmless(approved, fresh, now)
    require_late_marks_harmless(fresh, fresh, now)


def test_objects_of_an_approved_type_created_since_are_told_with_their_deletion() -> None:
    approved = plan_of(fleet(BOUND))
    fresh = plan_of(fleet(BOUND, "Workspace ws3"))
    sent = [a for a in fresh.actions if isinstance(a, Delete)]
    also = late_deletions(approved, sent)
    assert [a.name for a in also] == ["ws3"]
    assert "Workspace.tenant.kubesphere.io ws3 on host" in "\n".join(lines_on_late_changes(approved, [], also))


def test_what_was_only_possible_and_did_not_happen_is_no_action() -> None:
    known = fleet({})
    shop = known.host.of("Namespace")[0]
    awaiting = action(RemoveMarks, "uid-of-host", shop.kind, "shop", uid=shop.uid, possible=Marks(owners=(OWNER,)))
    plan = structs.replace(plan_of(known), actions=())
    fresh = structs.replace(plan, actions=(awaiting,))
    assert remaining_actions(plan, fresh, known) == []
    assert remaining_actions(fresh, plan, known) == []
