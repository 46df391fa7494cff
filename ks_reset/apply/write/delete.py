"""delete: delete the object with its UID as read, and wait until it is gone."""

from collections.abc import Sequence

from ks_reset import seatbelt
from ks_reset.apply.context import RunContext
from ks_reset.apply.write.request import Request, wait_settled, write_object
from ks_reset.catalogue.names import CRD_KEY, NAMESPACE_KEY
from ks_reset.cluster import Client
from ks_reset.guards import GuardContext
from ks_reset.model import ClusterFacts, Delete, Obj


def write_deletions(run: RunContext, actions: Sequence[Delete]) -> None:
    """Raises as `write_object` and `wait_settled`."""
    for action in actions:
        run.eyes[action.cluster].release_object(action)
        write_object(run, action, deletion_request)
    wait_settled(run, actions, is_deleted)


def deletion_request(action: Delete, now: Obj | None) -> Request | None:
    """The deletion, or None for an object that is absent or being deleted."""
    if now is None or now.deleting:
        return None

    def send(cluster: Client, context: GuardContext) -> None:
        if context.seatbelt_on is True and _needs_mark(now, context.world):
            cluster.merge_patch(action.kind, action.name, "", seatbelt.removable_patch(now))
        cluster.delete(action.kind, action.name, action.namespace, now.uid)

    return Request(now, send, action)


def _needs_mark(now: Obj, world: ClusterFacts) -> bool:
    """Whether this cluster's seatbelt admits the deletion of the object only with the label REMOVABLE."""
    if now.kind.key == CRD_KEY:
        return seatbelt.is_webhook(world)
    unmarked = not any(label in now.labels for label in seatbelt.LET_GO_LABELS)
    return now.kind.key == NAMESPACE_KEY and unmarked and seatbelt.selects_by_marks(world)


def is_deleted(action: Delete, now: Obj | None) -> bool:
    """Whether no object with the planned UID exists; without a UID, none at all."""
    return now is None or (bool(action.uid) and now.uid != action.uid)
