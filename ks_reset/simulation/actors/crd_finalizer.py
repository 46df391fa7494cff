"""The CRD finalizer: deletes every object of a type whose CRD is being deleted, then releases the CRD.

Kubernetes v1.24.17, staging/src/k8s.io/apiextensions-apiserver/pkg/controller/finalizer/crd_finalizer.go,
deleteInstances: it deletes in the storage with rest.ValidateAllObjectFunc, so no webhook and no policy is asked, the
seatbelt included. Without its finalizer the CRD goes and the objects stay in etcd, unreadable until the CRD is created
again.
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import CRD_CLEANUP_FINALIZER, CRD_KEY
from ks_reset.simulation.api_server import after_deletion, after_release
from ks_reset.simulation.move import Effect, Transition
from ks_reset.simulation.objects import SimObject
from ks_reset.simulation.state import State, defined_kind

ACTOR = "CRD finalizer"
SOURCE = "kubernetes v1.24.17, staging/src/k8s.io/apiextensions-apiserver/pkg/controller/finalizer/crd_finalizer.go"


def transitions(state: State) -> Iterable[Transition]:
    """The transitions this controller may make next."""
    for crd in state.of_kind(CRD_KEY):
        if crd.deleting and CRD_CLEANUP_FINALIZER in crd.finalizers:
            yield from _delete_instances(state, crd)


def _delete_instances(state: State, crd: SimObject) -> Iterable[Transition]:
    instances = [o for o in state.of_kind(defined_kind(crd.obj)) if o.id.cluster == crd.id.cluster]
    for instance in instances:
        if not instance.deleting:
            after, why = after_deletion(instance), f"its type {crd.id.name} is being deleted"
            yield Transition(ACTOR, Effect.DELETES, instance.id, after, crd.id, "apiVersion", why, SOURCE)
    if not instances:
        after = after_release(crd.without_finalizer(CRD_CLEANUP_FINALIZER))
        yield Transition(
            ACTOR, Effect.LETS_GO, crd.id, after, None, "metadata.finalizers", "no object of it is left", SOURCE
        )
