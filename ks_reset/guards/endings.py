"""The acts which end an object: DELETE, and the removal of the last finalizers of an object already being deleted.

The API server removes an object being deleted in the update that leaves no finalizer; a Namespace once its
spec.finalizers are empty too (kubernetes v1.24.17,
staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go, deleteWithoutFinalizers, ShouldDeleteDuringUpdate;
pkg/registry/core/namespace/storage/storage.go, ShouldDeleteNamespaceDuringUpdate). No admission plugin is asked for a
DELETE then. The end of a CRD is the end of every object of its type (staging/src/k8s.io/apiextensions-apiserver,
pkg/controller/finalizer/crd_finalizer.go). The one verb that writes spec.finalizers, restore-finalizer, adds an
entry, and not to a namespace in deletion (`guards/not_emptied.py`).
"""

from ks_reset.catalogue.names import CRD_KEY
from ks_reset.model import Action, ClusterFacts, Delete, Obj, RemoveMarks
from ks_reset.simulation.api_server import after_release
from ks_reset.simulation.objects import to_sim_object
from ks_reset.simulation.state import defined_kind


def ends_object(action: Action, now: Obj) -> bool:
    """Whether the action deletes the object, or lets a deletion under way end by removing its last finalizers."""
    if isinstance(action, RemoveMarks) and now.deleting:
        return after_release(to_sim_object(action.cluster, now).without_finalizer(*action.all_marks.finalizers)) is None
    return isinstance(action, Delete)


def attempt_text(action: Action) -> str:
    """What the action would do, for `Refused to …`."""
    if isinstance(action, RemoveMarks):
        return f"take the last finalizers off {action.target}, which ends a deletion under way"
    return f"delete {action.target}"


def ended_objects(now: Obj, world: ClusterFacts) -> list[Obj]:
    """The object, and with a CRD every object of its type."""
    return [now, *(world.of(defined_kind(now)) if now.kind.key == CRD_KEY else ())]


def patch_command(action: Action, now: Obj, world: ClusterFacts) -> str:
    """The command by which the operator takes the last finalizers off, after a decision of their own."""
    inside = f" -n {now.namespace}" if now.namespace else ""
    patch = '{"metadata":{"finalizers":null}}'
    return (
        f"kubectl --context {world.context}{inside} patch {action.kind.resource} {now.name} --type merge -p '{patch}'"
    )
