"""Which approved actions remain: recompute the plan from fresh facts and intersect it with the approved one.

Facts decide, so a run killed anywhere continues with the same command. An action without approval stops the run.
"""

from msgspec import structs

from ks_reset.catalogue.names import CRD_KEY
from ks_reset.errors import Stale
from ks_reset.model import Action, AddMarks, Delete, FleetFacts, Plan, RemoveMarks

NOT_COMPARED = {"kind", "why", "marks", "along"}
"""Fields that may differ between an approved action and the same one in a plan from newer facts. Of marks, only those
to add are compared."""


def remaining_actions(approved: Plan, fresh: Plan, facts: FleetFacts) -> list[Action]:
    """The actions of `fresh`, a plan made from `facts`, if the approved plan has them all.

    An action is approved if step, cluster, verb and target are in the plan with the same UID and content; marks to
    remove may be others by now. The approval to delete a type includes its objects created since: a running KubeSphere
    writes a LoginRecord at every login.

    Raises Stale if a writing action is not approved, or if an approved deletion is missing in `fresh` while its object
    still exists: the reason for it may only be unread this time.
    """
    known = {_match_key(action): action for action in approved.actions}
    types = {(a.cluster, a.name) for a in approved.actions if isinstance(a, Delete) and a.kind.key == CRD_KEY}
    asked = [a for a in fresh.actions if a.writes and (a.cluster, a.kind.resource) not in types]
    foreign = [(a, why) for a in asked if (why := _why_foreign(a, known.get(_match_key(a))))]
    if foreign:
        first, why = foreign[0]
        raise Stale(
            f"The clusters changed since the plan was made: {len(foreign)} action(s) are needed without approval. "
            f"First: {first.verb} {first.target}, which {why}. Make a new plan, read it, and apply that one."
        )
    return [*fresh.actions, *_companion_deletions(approved, fresh, facts), *_companion_removals(approved, fresh, facts)]


def _companion_deletions(approved: Plan, fresh: Plan, facts: FleetFacts) -> list[Delete]:
    """Approved deletions missing in the fresh plan because the object named in `along` is deleted already."""
    asked = {(a.cluster, a.uid) for a in fresh.actions if isinstance(a, Delete)}
    existing = {(world.identity, obj.uid) for world in facts.clusters for obj in world.all()}
    uids = {uid for _, uid in existing}
    deletions = [a for a in approved.actions if isinstance(a, Delete) and (a.cluster, a.uid) in existing - asked]
    dropped = [a for a in deletions if not a.along or a.along in uids]
    if dropped:
        raise Stale(
            f"{dropped[0].target} was approved for deletion and still exists, but the facts as read now give no reason "
            "for it: something changed, or a record could not be dialled this time. Nothing more was sent. Run the "
            "same command again; if this message returns, make a new plan."
        )
    return deletions


def _companion_removals(approved: Plan, fresh: Plan, facts: FleetFacts) -> list[RemoveMarks]:
    """Approved removals of marks, for the same reason, of objects still with these labels."""
    asked = {(a.cluster, a.uid) for a in fresh.actions if isinstance(a, RemoveMarks)}
    marked = {(w.identity, o.uid): o.labels for w in facts.clusters for o in w.all()}
    strips = [a for a in approved.actions if isinstance(a, RemoveMarks) and a.along and (a.cluster, a.uid) not in asked]
    return [a for a in strips if set(a.marks.labels) & marked.get((a.cluster, a.uid), {}).keys()]


def _match_key(action: Action) -> tuple[str, ...]:
    return (action.step, action.cluster, action.verb, action.kind.key, action.namespace, action.name)


def _why_foreign(fresh: Action, planned: Action | None) -> str:
    """How an action differs from the planned one; "" if it is approved. Marks to add may be fewer by owners now."""
    if planned is None:
        return "is not in the plan"
    names = [name for name in type(fresh).__struct_fields__ if name not in NOT_COMPARED]
    other = [name for name in names if getattr(planned, name) != getattr(fresh, name)]
    if not _has_all_marks(fresh, planned):
        other.append("marks")
    if "uid" in other:
        return "has another UID than planned"
    return f"has other {' and '.join(other)} than planned" if other else ""


def _has_all_marks(fresh: Action, planned: Action) -> bool:
    if not (isinstance(fresh, AddMarks) and isinstance(planned, AddMarks)):
        return True
    fewer = all(owner in planned.marks.owners for owner in fresh.marks.owners)
    return fewer and structs.replace(fresh.marks, owners=()) == structs.replace(planned.marks, owners=())
