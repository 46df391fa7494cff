"""Which marks of a removal are approved: those in the plan, and those it says a controller may still add.

Marks added after the approval stay on the object, also on one made since, and the operator is told. Two of them are not
safe to leave, so the run stops: an ownerReference to an object of KubeSphere's, since garbage collection deletes the
object with its owner (Kubernetes v1.24.17, pkg/controller/garbagecollector/garbagecollector.go, attemptToDeleteItem),
and kubefed's label, since the next kubefed deletes the object (kubefed v0.8.1, pkg/controller/sync/controller.go,
syncToClusters).
"""

from collections.abc import Iterable

from msgspec import Struct, structs

from ks_reset.catalogue.names import CRD_KEY, KUBEFED_MANAGED_LABEL, NAMESPACE_KEY
from ks_reset.model import Action, Delete, Marks, Plan, RemoveMarks
from ks_reset.steps.ties import SEVER


class LateMarks(Struct, frozen=True):
    """Marks of an object, added after the approval, or came with it; `cluster` is an identity."""

    cluster: str
    object: str
    marks: Marks


class Approval:
    """What a plan approves: its actions by `match_key`, the UIDs to delete, the types to delete with all objects."""

    def __init__(self, plan: Plan) -> None:
        self._actions = {match_key(action): action for action in plan.actions}
        deletions = [action for action in plan.actions if isinstance(action, Delete)]
        self._deleted = {(a.cluster, a.uid): a for a in deletions if a.uid}
        self._order = {step: place for place, step in enumerate(plan.steps)}
        self._types = {(a.cluster, a.name) for a in deletions if a.kind.key == CRD_KEY}
        identities = {cluster.name: cluster.identity for cluster in plan.clusters}
        self._kept = {(identities.get(kept.cluster, ""), kept.object) for kept in plan.kept}

    def planned(self, fresh: Action) -> Action | None:
        """The approved action for the same step, cluster, verb and target; or the same deletion in an earlier step."""
        return self._actions.get(match_key(fresh)) or self._postponed(fresh)

    def _postponed(self, fresh: Action) -> Action | None:
        """The approved deletion of the same UID in a step before this one: an API without a backend answers again.

        The later step carries it out. A deletion in an earlier step than approved is another order, and that step may
        be done already.
        """
        planned = self._deleted.get((fresh.cluster, fresh.uid)) if isinstance(fresh, Delete) else None
        if planned and {planned.step, fresh.step} <= self._order.keys():
            before = self._order[planned.step] < self._order[fresh.step]
            return structs.replace(planned, step=fresh.step) if before else None
        return None

    def covers_type(self, action: Action) -> bool:
        """Whether the type of the object is approved for deletion, and with it every object of it."""
        return (action.cluster, action.kind.resource) in self._types

    def keeps(self, fresh: Action) -> bool:
        """Whether the plan says that an object stays which a newer plan would delete.

        Its reason to stay went meanwhile. It stays in this run, as was read and approved; the next plan deletes it.
        """
        named = isinstance(fresh, Delete) and (fresh.cluster, fresh.target) in self._kept
        return named and self.planned(fresh) is None

    def late_marks(self, fresh: RemoveMarks) -> Marks:
        """The marks to remove without an approval; none of an object approved for deletion, as it goes anyway.

        All marks of an object made since the approval.
        """
        planned = self.planned(fresh)
        if self.covers_type(fresh) or self._is_deleted(fresh):
            return Marks()
        if planned is None and self.is_made_since(fresh):
            return fresh.marks
        return fresh.marks - planned.all_marks if isinstance(planned, RemoveMarks) else Marks()

    def is_made_since(self, fresh: Action) -> bool:
        """Whether `sever` asks for labels and annotations alone of an object without an approved action: safe to leave.

        Not so for a namespace: KubeSphere's controllers bind it to the Workspace of its label.
        """
        if not isinstance(fresh, RemoveMarks) or fresh.step != SEVER.name or self.planned(fresh):
            return False
        asked = fresh.all_marks
        return not (fresh.kind.key == NAMESPACE_KEY or asked.finalizers or unsafe_to_leave(asked))

    def approved_part(self, fresh: Action) -> Action | None:
        """The action without marks that were not approved; None if nothing is left of it, or its object stays."""
        if self.keeps(fresh):
            return None
        if not isinstance(fresh, RemoveMarks) or self.covers_type(fresh) or self._is_deleted(fresh):
            return fresh
        planned = self.planned(fresh)
        approved = planned.all_marks if isinstance(planned, RemoveMarks) else Marks()
        possible = planned.possible if isinstance(planned, RemoveMarks) and fresh.possible else Marks()
        marks = fresh.marks - (fresh.marks - approved)
        concerned = marks or fresh.possible - (fresh.possible - approved)
        return structs.replace(fresh, marks=marks, possible=possible) if concerned else None

    def _is_deleted(self, action: Action) -> bool:
        return (action.cluster, action.uid) in self._deleted


def match_key(action: Action) -> tuple[str, ...]:
    """Equal for the same action of two plans: step, cluster, verb and target, not the UID."""
    return action.step, action.cluster, action.verb, action.kind.key, action.namespace, action.name


def unsafe_to_leave(marks: Marks) -> Marks:
    """Those of the marks by which a controller deletes the object later."""
    labels = {key: value for key, value in marks.labels.items() if key == KUBEFED_MANAGED_LABEL and value == "true"}
    return Marks(labels=labels, owners=marks.owners)


def late_marks(approved: Plan, fresh: Plan) -> list[LateMarks]:
    """The marks added since the approval to objects of the plan, from a plan made from newer facts."""
    approval = Approval(approved)
    removals = [action for action in fresh.actions if isinstance(action, RemoveMarks)]
    found = [(action, approval.late_marks(action)) for action in removals]
    return [LateMarks(action.cluster, action.target, marks) for action, marks in found if marks]


def late_deletions(approved: Plan, sent: Iterable[Action]) -> list[Delete]:
    """The deletions sent of objects created after the approval, whose type was approved for deletion."""
    approval = Approval(approved)
    deletions = [action for action in sent if isinstance(action, Delete) and approval.covers_type(action)]
    return [action for action in deletions if approval.planned(action) is None]
