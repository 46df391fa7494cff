"""Which approved actions remain: recompute the plan from fresh facts and intersect it with the approved one.

Facts decide, so a run killed anywhere continues with the same command. An action without approval stops the run.
"""

from msgspec import structs

from ks_reset.apply.approved_marks import Approval, unsafe_to_leave
from ks_reset.decoding import convert_to
from ks_reset.errors import Stale
from ks_reset.facts.shared_components import SharedComponents
from ks_reset.journal import Journal, journal_entries
from ks_reset.model import Action, AddMarks, Delete, FleetFacts, Marks, Obj, Plan, RemoveMarks
from ks_reset.plan.again import command_again

NOT_COMPARED = {"kind", "why", "marks", "along", "possible"}
"""Fields that may differ between an approved action and the same one in a plan from newer facts.

`marks` are compared by themselves: those to add here, those to remove in `approved_marks`.
"""


def remaining_actions(approved: Plan, fresh: Plan, facts: FleetFacts, journal: Journal | None = None) -> list[Action]:
    """The actions of `fresh`, a plan made from `facts`, if the approved plan has them all.

    An action is approved if step, cluster, verb and target are in the plan with the same UID and content. Marks added
    to an object since are left on it, and so are the labels and annotations of an object made since. The approval to
    delete a type includes its objects created since: a running KubeSphere writes a LoginRecord at every login.
    `journal` tells what runs of this plan deleted.

    Raises Stale if a writing action is not approved, if a mark added since is not safe to leave, or if an approved
    deletion is missing in `fresh` while its object still exists: the reason for it may only be unread this time, or a
    user may have taken a component over.
    """
    approval = Approval(approved)
    asked = [a for a in fresh.actions if a.writes and not (approval.covers_type(a) or approval.keeps(a))]
    asked = [a for a in asked if not (_only_awaits(a) or approval.is_made_since(a))]
    foreign = [(a, why) for a in asked if (why := _why_foreign(a, approval))]
    if foreign:
        first, why = foreign[0]
        raise Stale(
            f"The clusters changed since the plan was made: {len(foreign)} action(s) are needed without approval. "
            f"First: {first.verb} {first.target}, which {why}. Make a new plan ("
            f"{command_again(approved)}), read it, and apply that one."
        )
    return [
        *_approved_parts(approval, fresh),
        *_companion_deletions(approved, fresh, facts, journal),
        *_companion_removals(approved, fresh, facts),
    ]


def approved_actions(approved: Plan, fresh: Plan) -> list[Action]:
    """The actions of `fresh` in its order, without marks added since the approval."""
    return _approved_parts(Approval(approved), fresh)


def _approved_parts(approval: Approval, fresh: Plan) -> list[Action]:
    return [part for action in fresh.actions if (part := approval.approved_part(action))]


def _only_awaits(action: Action) -> bool:
    """Whether the action removes nothing that is there now."""
    return isinstance(action, RemoveMarks) and not action.marks


def _companion_deletions(approved: Plan, fresh: Plan, facts: FleetFacts, journal: Journal | None) -> list[Delete]:
    """Approved deletions missing in the fresh plan because the object named in `along` is deleted already."""
    asked = {(a.cluster, a.uid) for a in fresh.actions if isinstance(a, Delete)}
    missing = [a for a in approved.actions if isinstance(a, Delete) and (a.cluster, a.uid) not in asked]
    if not missing:
        return []
    existing = {(world.identity, obj.uid) for world in facts.clusters for obj in world.all()}
    uids, deletions = {uid for _, uid in existing}, [a for a in missing if (a.cluster, a.uid) in existing]
    dropped = [a for a in deletions if not a.along or a.along in uids]
    if dropped:
        raise Stale(
            f"{dropped[0].target} was approved for deletion and still exists, but the facts as read now give no reason "
            "for it: something changed, or a record could not be dialled this time. Nothing more was sent. Run the "
            "same command again; if this message returns, make a new plan."
        )
    _require_not_taken_over(approved, deletions, facts, journal)
    return deletions


def _require_not_taken_over(
    approved: Plan, deletions: list[Delete], facts: FleetFacts, journal: Journal | None
) -> None:
    """Raises Stale for an object of a component known by a program that no run of this plan deleted."""
    components = {world.identity: SharedComponents(world) for world in facts.clusters} if deletions else {}
    of_components = [a for a in deletions if (obj := _object_of(a, facts)) and components[a.cluster].home_of(obj)]
    deleted = _deleted_uids(journal) if journal and of_components else set()
    taken = [action for action in of_components if action.along not in deleted]
    if taken:
        raise Stale(
            f"{taken[0].target} was approved for deletion as part of a component, but somebody else has deleted or "
            "replaced the program by which that component is known: what is left may be a user's now. Nothing more "
            f"was sent. Make a new plan ({command_again(approved)}), which tells what is left of the component outside "
            "of its namespace too; read it, and apply that one."
        )


def _object_of(action: Delete, facts: FleetFacts) -> Obj | None:
    cluster = facts.cluster(action.cluster)
    return cluster.get(action.kind.key, action.name, action.namespace) if cluster else None


def _deleted_uids(journal: Journal) -> set[str]:
    """The UIDs of the objects whose deletion a run of this plan has sent."""
    return {action.uid for action in sent_actions(journal) if isinstance(action, Delete) and action.uid}


def sent_actions(journal: Journal) -> list[Action]:
    """The actions whose request was sent in any run of this plan, or may have been.

    Those of a killed run count as sent; of a run that stopped, the journal says which requests never began.
    """
    sent: dict[str, list[Action]] = {}
    for entry in journal_entries(journal.folder):
        if entry["event"] == "begin":
            action = convert_to(entry["action"], Action)
            sent.setdefault(action.id, []).append(action)
        elif entry["event"] == "unsent" and sent.get(entry["action"]):
            sent[entry["action"]].pop()
    return [action for begun in sent.values() for action in begun]


def _companion_removals(approved: Plan, fresh: Plan, facts: FleetFacts) -> list[RemoveMarks]:
    """Approved removals of marks, for the same reason, of objects still with these labels."""
    asked = {(a.cluster, a.uid) for a in fresh.actions if isinstance(a, RemoveMarks)}
    strips = [a for a in approved.actions if isinstance(a, RemoveMarks) and a.along and (a.cluster, a.uid) not in asked]
    if not strips:
        return []
    marked = {(w.identity, o.uid): o.labels for w in facts.clusters for o in w.all()}
    return [a for a in strips if set(a.marks.labels) & marked.get((a.cluster, a.uid), {}).keys()]


def _why_foreign(fresh: Action, approval: Approval) -> str:
    """How an action differs from the planned one; "" if it is approved. Marks to add may be fewer by owners now."""
    planned = approval.planned(fresh)
    if planned is None:
        return "is not in the plan"
    names = [name for name in type(fresh).__struct_fields__ if name not in NOT_COMPARED]
    other = [name for name in names if getattr(planned, name) != getattr(fresh, name)]
    if not _has_all_marks(fresh, planned):
        other.append("marks")
    if "uid" in other:
        return "has another UID than planned"
    if other:
        return f"has other {' and '.join(other)} than planned"
    unsafe = unsafe_to_leave(approval.late_marks(fresh)) if isinstance(fresh, RemoveMarks) else Marks()
    added = ", ".join(unsafe.names)
    return f"has got {added} since, and a controller would delete the object for it" if unsafe else ""


def _has_all_marks(fresh: Action, planned: Action) -> bool:
    if not (isinstance(fresh, AddMarks) and isinstance(planned, AddMarks)):
        return True
    fewer = all(owner in planned.marks.owners for owner in fresh.marks.owners)
    return fewer and structs.replace(fresh.marks, owners=()) == structs.replace(planned.marks, owners=())
