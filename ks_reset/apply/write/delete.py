"""delete: delete the object with its UID as read, and wait until it is gone."""

from collections.abc import Sequence

from ks_reset import seatbelt
from ks_reset.apply.context import RunContext
from ks_reset.apply.write.flight import write_all
from ks_reset.apply.write.request import Request, Writing
from ks_reset.catalogue.names import CRD_KEY, NAMESPACE_KEY
from ks_reset.cluster import Client
from ks_reset.guards import GuardContext
from ks_reset.model import Body, ClusterFacts, Delete, Obj


def write_deletions(run: RunContext, actions: Sequence[Delete]) -> None:
    """Raises as `write_all`."""

    def release(action: Delete) -> None:
        run.eyes[action.cluster].release_object(action)

    write_all(run, actions, Writing(deletion_request, is_deleted, is_gone, versioned_deletion, release))


def deletion_request(action: Delete, now: Obj | None) -> Request | None:
    """The deletion, or None for an object that is absent or being deleted."""
    if now is None or now.deleting:
        return None

    def send(cluster: Client, context: GuardContext) -> Body:
        if context.seatbelt_on is True and _needs_mark(now, context.world):
            cluster.merge_patch(action.kind, action.name, "", seatbelt.removable_patch(now))
        return cluster.delete(action.kind, action.name, action.namespace, now.uid)

    return Request(now, send, action)


def versioned_deletion(action: Delete, now: Obj | None) -> Request | None:
    """The deletion of the object in the version as read; None without a version, or as `deletion_request`.

    A mark for the seatbelt is bound to that version, and the deletion to the version with the mark.
    """
    version = str(now.meta.get("resourceVersion", "")) if now else ""
    if now is None or now.deleting or not version:
        return None

    def send(cluster: Client, context: GuardContext) -> Body:
        bound = version
        if context.seatbelt_on is True and _needs_mark(now, context.world):
            marked = cluster.merge_patch(action.kind, action.name, "", seatbelt.removable_patch(now, version=version))
            bound = str(marked["metadata"].get("resourceVersion", ""))
        return cluster.delete(action.kind, action.name, action.namespace, now.uid, bound)

    return Request(now, send, action)


def is_gone(action: Delete, answer: Body) -> bool:
    """Whether the answer to the DELETE proves that the object is gone: a Status of success with its UID.

    An object that waits for its finalizers, or for a grace period, is answered itself (kubernetes v1.24.17,
    staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go, Delete and finalizeDelete).
    """
    details = answer.get("details") or {}
    succeeded = answer.get("kind") == "Status" and answer.get("status") == "Success"
    return succeeded and bool(action.uid) and details.get("uid") == action.uid


def _needs_mark(now: Obj, world: ClusterFacts) -> bool:
    """Whether this cluster's seatbelt admits the deletion of the object only with the label REMOVABLE."""
    if now.kind.key == CRD_KEY:
        return seatbelt.is_webhook(world)
    unmarked = not any(label in now.labels for label in seatbelt.LET_GO_LABELS)
    return now.kind.key == NAMESPACE_KEY and unmarked and seatbelt.selects_by_marks(world)


def is_deleted(action: Delete, now: Obj | None) -> bool:
    """Whether no object with the planned UID exists; without a UID, none at all."""
    return now is None or (bool(action.uid) and now.uid != action.uid)
