"""A run of the incident's uninstall as its folder would be, and the facts after it; no control plane is needed."""

from collections.abc import Iterable
from pathlib import Path

from msgspec import structs

from ks_reset import facts as reading
from ks_reset.journal import Journal
from ks_reset.model import Action, Body, ClusterFacts, Delete, FleetFacts, Obj, Plan, RemoveMarks, owner_key
from tests.incident import incident_facts
from tests.report.books import plan_for


def finished_run(*, done: bool = True) -> tuple[Path, FleetFacts, FleetFacts]:
    """The folder of a run, the facts before and after it. The state directory is that of the test."""
    before = incident_facts()
    plan = plan_for(before)
    with Journal.of_plan(plan) as journal:
        journal.start_run(plan)
        reading.save_snapshot(before, journal.before)
        kept = {field: getattr(before, field) for field in FleetFacts.__struct_fields__}
        reading.save_snapshot(reading.Baseline(**kept, plans=(plan,)), journal.baseline)
        for action in plan.actions if done else plan.actions[:5]:
            obj = _object(before, action)
            journal.begin_action(action, obj.body if obj else {})
            journal.end_action(action, "done")
        if done:
            journal.note_event("done", writes=len(plan.actions))
        else:
            journal.note_event("stopped", why="The network is gone.")
    return journal.folder, before, facts_after(before, plan)


def _object(facts: FleetFacts, action: Action) -> Obj | None:
    world = facts.cluster(action.cluster)
    return world.get(action.kind.key, action.name, action.namespace) if world else None


def facts_after(before: FleetFacts, plan: Plan) -> FleetFacts:
    """The facts once the plan is carried out; what was in a deleted namespace went with it."""
    host, *members = (_world_after(world, plan) for world in (before.host, *before.members))
    return structs.replace(before, host=host, members=tuple(members), taken="2026-01-01T02:00:00Z")


def _world_after(world: ClusterFacts, plan: Plan) -> ClusterFacts:
    own = [action for action in plan.actions if action.cluster == world.identity]
    gone = {action.uid for action in own if isinstance(action, Delete)}
    spaces = {action.name for action in own if isinstance(action, Delete) and action.kind.key == "Namespace"}
    types = {
        action.name for action in own if isinstance(action, Delete) and action.kind.kind == "CustomResourceDefinition"
    }
    marks = {action.uid: action for action in own if isinstance(action, RemoveMarks)}
    kinds = {key: kind for key, kind in world.kinds.items() if kind.resource not in types}
    objects = {
        key: tuple(_unmarked(obj, marks) for obj in objs if obj.uid not in gone and obj.namespace not in spaces)
        for key, objs in world.objects.items()
        if key in kinds
    }
    return structs.replace(world, kinds=kinds, objects=objects, dials=(), connections=())


def _unmarked(obj: Obj, marks: dict[str, RemoveMarks]) -> Obj:
    action = marks.get(obj.uid)
    if action is None:
        return obj
    meta: Body = dict(obj.meta)
    for field, entries in (("labels", action.marks.labels), ("annotations", action.marks.annotations)):
        meta[field] = {key: value for key, value in (meta.get(field) or {}).items() if key not in entries}
    meta["finalizers"] = [f for f in meta.get("finalizers") or [] if f not in action.marks.finalizers]
    owners = set(map(owner_key, action.marks.owners))
    meta["ownerReferences"] = list(_others(meta.get("ownerReferences") or [], owners))
    return Obj(obj.kind, obj.body | {"metadata": meta})


def _others(references: list[Body], owners: set[tuple[str, str, str]]) -> Iterable[Body]:
    return (reference for reference in references if owner_key(reference) not in owners)
