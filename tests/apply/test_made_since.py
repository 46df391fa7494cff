"""What controllers and users make after the approval: it stops no run, unless a controller would delete something."""

from typing import Any

import pytest

from ks_reset.apply.approved_marks import late_marks
from ks_reset.apply.remaining import remaining_actions
from ks_reset.errors import Stale
from ks_reset.model import FleetFacts, Options, Plan
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.report.late import lines_on_late_changes
from ks_reset.verify import find_leftovers
from ks_reset.workflows.kept import without_kept
from tests.build import facts
from tests.shorthand import expand_case

MARK = {"annotations": {"kubesphere.io/creator": "li"}}
TEMPLATE = {"template": {"metadata": {"annotations": {"kubesphere.io/restartedAt": "2026"}}}}
SHOP: list[Any] = [
    "CustomResourceDefinition workspaces.tenant.kubesphere.io -> Workspace v1alpha1",
    "Workspace ws1",
    {"Namespace shop": {"labels": {"kubesphere.io/workspace": "ws1"}, "owners": ["Workspace ws1"]}},
    {"Deployment shop/web": {**MARK, "spec": TEMPLATE}},
    {"CronJob.v1.batch shop/night": {"spec": {"jobTemplate": {"metadata": MARK, "spec": TEMPLATE}}}},
    {"StatefulSet shop/db": {**MARK, "spec": TEMPLATE}},
]
MADE: list[Any] = [
    {"ReplicaSet shop/web-2": {**MARK, "owners": ["Deployment shop/web"]}},
    {"Pod shop/web-1-b": {"annotations": {"kubesphere.io/restartedAt": "2026"}, "owners": ["ReplicaSet shop/web-1"]}},
    {"Job.v1.batch shop/night-2": {**MARK, "owners": ["CronJob.v1.batch shop/night"]}},
    {"ControllerRevision.v1.apps shop/db-2": {**MARK, "owners": ["StatefulSet shop/db"]}},
    {"Pod shop/db-0": {"labels": {"tier.kubesphere.io/name": "x"}, "owners": ["StatefulSet shop/db"]}},
]
USERS: list[Any] = [
    {"Deployment shop/new": MARK},
    {"EndpointSlice.v1.discovery.k8s.io shop/new": {"labels": {"kubesphere.io/creator": "li"}}},
    {"PersistentVolumeClaim shop/data-db-1": MARK},
]
UNSAFE: list[Any] = [
    {"Namespace new": {"labels": {"kubesphere.io/workspace": "ws1"}}},
    {"ConfigMap shop/new": {"labels": {"kubefed.io/managed": "true"}}},
    {"ConfigMap shop/new": {"owners": ["Workspace ws1"]}},
    {"ConfigMap shop/new": {"finalizers": ["finalizers.kubesphere.io/x"]}},
]


def fleet(*more: Any) -> FleetFacts:
    return facts(expand_case({"host": [*SHOP, *more]})["host"])


def plan_of(known: FleetFacts) -> Plan:
    return planning.make_plan(playbooks.load_playbook("uninstall"), known, Options())


@pytest.mark.parametrize("made", MADE, ids=lambda row: next(iter(row)))
def test_what_a_controller_makes_from_a_template_needs_no_approval(made: Any) -> None:
    approved, now = plan_of(fleet()), fleet(made)
    fresh = plan_of(now)
    assert remaining_actions(approved, fresh, now) == list(approved.actions)
    assert late_marks(approved, fresh) == []


@pytest.mark.parametrize("made", MADE, ids=lambda row: next(iter(row)))
def test_what_a_controller_made_from_a_template_is_not_left_over(made: Any) -> None:
    known = fleet(made)
    left = without_kept(known, lambda _: Options().request, find_leftovers(known))
    assert next(iter(made)).partition(" ")[2] not in {each.object.partition(" ")[2] for each in left}


@pytest.mark.parametrize("made", USERS, ids=lambda row: next(iter(row)))
def test_labels_and_annotations_of_an_object_made_since_are_left_and_told(made: Any) -> None:
    approved, now = plan_of(fleet()), fleet(made)
    fresh = plan_of(now)
    assert remaining_actions(approved, fresh, now) == list(approved.actions)
    name = next(iter(made)).partition(" ")[2]
    assert [each.object.partition(" ")[2] for each in late_marks(approved, fresh)] == [name]
    told = "\n".join(lines_on_late_changes(approved, late_marks(approved, fresh), []))
    assert f"{name} on host" in told
    assert "ks-reset plan uninstall --out plan.json" in told


@pytest.mark.parametrize("made", UNSAFE, ids=str)
def test_an_object_made_since_that_a_controller_would_delete_or_hold_back_stops_the_run(made: Any) -> None:
    now = fleet(made)
    with pytest.raises(Stale, match=r"not in the plan.*ks-reset plan uninstall --out plan\.json"):
        remaining_actions(plan_of(fleet()), plan_of(now), now)
