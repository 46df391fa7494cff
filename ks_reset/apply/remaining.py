"""Of an approved plan, what is still needed: the plan that the facts ask for now, held against the approved one.

Facts decide, so a run that was killed anywhere goes on by being started again. What the facts ask for and nobody
approved stops the run.
"""

from msgspec import structs

from ks_reset.errors import Stale
from ks_reset.model import Action, AddMarks, Delete, FleetFacts, Plan, RemoveMarks

CRD = "CustomResourceDefinition"
NOT_COMPARED = {"kind", "why", "marks", "along"}
"""Fields that may differ between an approved action and the same one in a plan from newer facts."""


def remaining_actions(approved: Plan, fresh: Plan, facts: FleetFacts) -> list[Action]:
    """What is left to do: the actions of `fresh`, a plan made of `facts`, if the approved one holds them all.

    An action is approved if step, cluster, verb and target are in the plan with the same UID. Whoever approved the
    deletion of a type also approved that of its objects made since: a running KubeSphere writes a LoginRecord at
    every login.

    Raises Stale if a writing action was not approved, or an approved deletion is not asked for any more although its
    object is still there: what was the reason for it may just not have been read this time.
    """
    known = {_match_key(action): action for action in approved.actions}
    types = {(a.cluster, a.name) for a in approved.actions if isinstance(a, Delete) and a.kind.kind == CRD}
    asked = [a for a in fresh.actions if a.writes and (a.cluster, a.kind.resource) not in types]
    foreign = [a for a in asked if not _is_approved(a, known.get(_match_key(a)))]
    if foreign:
        first = foreign[0]
        why = "has another UID than planned" if _match_key(first) in known else "is not in the plan"
        raise Stale(
            f"The clusters changed since the plan was made: {len(foreign)} action(s) are needed that nobody approved. "
            f"First: {first.verb} {first.target}, which {why}. Make a new plan, read it, and apply that one."
        )
    return [*fresh.actions, *_companion_deletions(approved, fresh, facts), *_companion_removals(approved, fresh, facts)]


def _companion_deletions(approved: Plan, fresh: Plan, facts: FleetFacts) -> list[Delete]:
    """The approved deletions that fresh facts do not ask for, of objects whose companion is gone."""
    asked = {(a.cluster, a.uid) for a in fresh.actions if isinstance(a, Delete)}
    there = {(world.identity, obj.uid) for world in facts.clusters for obj in world.all()}
    uids = {uid for _, uid in there}
    deletions = [a for a in approved.actions if isinstance(a, Delete) and (a.cluster, a.uid) in there - asked]
    dropped = [a for a in deletions if not a.along or a.along in uids]
    if dropped:
        raise Stale(
            f"{dropped[0].target} was approved to be deleted and is still there, but what was read now does not ask "
            "for it: something changed, or a record could not be dialled this time. Nothing more was sent. Run the "
            "same command again; if it says so again, make a new plan."
        )
    return deletions


def _companion_removals(approved: Plan, fresh: Plan, facts: FleetFacts) -> list[RemoveMarks]:
    """The approved strips that only the plan knows of by now, of objects that have those marks still."""
    asked = {(a.cluster, a.uid) for a in fresh.actions if isinstance(a, RemoveMarks)}
    marked = {(w.identity, o.uid): o.labels for w in facts.clusters for o in w.all()}
    strips = [a for a in approved.actions if isinstance(a, RemoveMarks) and a.along and (a.cluster, a.uid) not in asked]
    return [a for a in strips if set(a.marks.labels) & marked.get((a.cluster, a.uid), {}).keys()]


def _match_key(action: Action) -> tuple[str, ...]:
    return (action.step, action.cluster, action.verb, action.kind.key, action.namespace, action.name)


def _is_approved(fresh: Action, planned: Action | None) -> bool:
    """Whether the planned action does the same, except for the reason; marks to add may be fewer by owners now."""
    if type(planned) is not type(fresh) or planned is None:
        return False
    names = set(type(fresh).__struct_fields__) - NOT_COMPARED
    return all(getattr(planned, name) == getattr(fresh, name) for name in names) and _has_all_marks(fresh, planned)


def _has_all_marks(fresh: Action, planned: Action) -> bool:
    if not (isinstance(fresh, AddMarks) and isinstance(planned, AddMarks)):
        return True
    fewer = all(owner in planned.marks.owners for owner in fresh.marks.owners)
    return fewer and structs.replace(fresh.marks, owners=()) == structs.replace(planned.marks, owners=())
