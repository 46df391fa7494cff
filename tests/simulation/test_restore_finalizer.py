"""restore-finalizer in the simulation, and what released finalizers lead to."""

from typing import Any

from ks_reset.model import FleetFacts, Marks, Options, RemoveMarks, RestoreFinalizer
from ks_reset.plan.playbook import load_playbook
from ks_reset.simulation import State, run_controllers
from ks_reset.simulation.actions import apply_action
from ks_reset.simulation.harmless import losses_of_releases
from ks_reset.workflows.plan import checked_plan
from tests.build import facts
from tests.shorthand import expand_object
from tests.simulation.test_edge_cases import place


def fleet(*rows: Any) -> FleetFacts:
    return facts([expand_object(row) for row in rows])


def restored(known: FleetFacts) -> State:
    namespace = known.host.get("Namespace", "shop")
    assert namespace
    action = RestoreFinalizer.on(namespace, "restore-finalizers", known.host.identity, "")
    after, _ = apply_action(State.of(known), action)
    assert apply_action(after, action) == (after, None)
    return run_controllers(after).after


def test_a_living_namespace_stays_as_it_is_and_one_in_deletion_goes_with_its_contents() -> None:
    living = restored(fleet({"Namespace shop": {"spec": {}}}, "ConfigMap shop/prices"))
    assert place("Namespace", "shop") in living.objects
    assert living.objects[place("Namespace", "shop")].finalizers == ("spec/kubernetes",)
    going = restored(fleet({"Namespace shop": {"spec": {}, "deleted": True}}, "ConfigMap shop/prices"))
    assert place("Namespace", "shop") not in going.objects


def test_the_release_of_a_workspace_is_blamed_for_its_namespace_and_no_other_release() -> None:
    finalizer = "finalizers.tenant.kubesphere.io"
    known = fleet(
        {"Workspace ws1": {"deleted": True, "finalizers": [finalizer]}},
        {"Workspace ws2": {"deleted": True, "finalizers": [finalizer]}},
        {"Namespace shop": {"owners": ["Workspace ws1"]}},
    )
    marks = Marks(finalizers=(finalizer,))
    workspaces = known.host.of("Workspace.tenant.kubesphere.io")
    releases = [RemoveMarks.on(each, "release-hanging", known.host.identity, "", marks=marks) for each in workspaces]
    assert losses_of_releases(known, releases) == {releases[0].id: "Namespace shop"}
    assert losses_of_releases(known, releases[1:]) == {}


def test_a_plan_of_repair_leaves_that_workspace_and_names_defuse() -> None:
    hold = {"deleted": True, "finalizers": ["finalizers.tenant.kubesphere.io"]}
    known = fleet({"Workspace ws1": hold}, {"Namespace shop": {"owners": ["Workspace ws1"]}})
    plan = checked_plan(load_playbook("repair"), known, Options())
    assert plan.actions == ()
    assert ["ks-reset plan defuse --out defuse.json" in kept.why for kept in plan.kept] == [True]
