"""The CRD finalizer: deletes every object of a type whose CRD is being deleted, then lets the CRD go.

Kubernetes v1.24.17, staging/src/k8s.io/apiextensions-apiserver/pkg/controller/finalizer/crd_finalizer.go. Without its
finalizer the CRD goes and the objects stay in etcd, unreadable, until the type comes back.
"""

from collections.abc import Iterable

from ks_reset.simulation.api_server import CLEANUP, deleted, refusal, released
from ks_reset.simulation.move import Effect, Transition
from ks_reset.simulation.objects import SimObject
from ks_reset.simulation.state import CRD, State, defines

ACTOR = "CRD finalizer"
SOURCE = "kubernetes v1.24.17, staging/src/k8s.io/apiextensions-apiserver/pkg/controller/finalizer/crd_finalizer.go"


def moves(state: State) -> Iterable[Transition]:
    """What it may do next."""
    for each in state.by_key.get(CRD, ()):
        if each.deleting and CLEANUP in each.finalizers:
            yield from _empty(state, each)


def _empty(state: State, crd: SimObject) -> Iterable[Transition]:
    objects = [o for o in state.by_key.get(defines(crd.obj), ()) if o.id.cluster == crd.id.cluster]
    for each in objects:
        if not each.deleting:
            refused = refusal(state, each)
            after = each if refused else deleted(each)
            why = f"its type {crd.id.name} is being deleted"
            yield Transition(ACTOR, Effect.DELETES, each.id, after, crd.id, "apiVersion", why, SOURCE, refused)
    if not objects:
        after = released(crd.without_finalizer(CLEANUP))
        yield Transition(
            ACTOR, Effect.LETS_GO, crd.id, after, None, "metadata.finalizers", "no object of it is left", SOURCE
        )
