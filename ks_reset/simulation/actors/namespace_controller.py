"""The namespace controller: deletes everything inside a namespace that is being deleted, then lets the namespace go.

Kubernetes v1.24.17 and v1.34.4, pkg/controller/namespace/deletion/namespaced_resources_deleter.go: Delete,
deleteAllContent, finalized. An aggregated API that does not answer keeps the namespace, not its contents; a namespace
whose spec.finalizers were wiped is taken for done, and nothing happens to it.
"""

from collections.abc import Iterable

from ks_reset.simulation.api_server import deleted, refusal, released
from ks_reset.simulation.move import Effect, Transition
from ks_reset.simulation.objects import SPEC, WIPED, SimObject
from ks_reset.simulation.state import State

ACTOR = "namespace controller"
SOURCE = "kubernetes v1.24.17, pkg/controller/namespace/deletion/namespaced_resources_deleter.go"
TOKEN = f"{SPEC}kubernetes"


def moves(state: State) -> Iterable[Transition]:
    """What it may do next."""
    for each in state.by_key.get("Namespace", ()):
        if each.deleting and WIPED not in each.finalizers and any(f.startswith(SPEC) for f in each.finalizers):
            yield from _empty(state, each)


def _empty(state: State, namespace: SimObject) -> Iterable[Transition]:
    inside = state.contents.get((namespace.id.cluster, namespace.id.name), ())
    for each in inside:
        if not each.deleting:
            refused = refusal(state, each)
            why = f"its namespace {namespace.id.name} is being deleted"
            after = each if refused else deleted(each)
            yield Transition(
                ACTOR, Effect.DELETES, each.id, after, namespace.id, "metadata.namespace", why, SOURCE, refused
            )
    if not inside and not unanswered(state, namespace.id.cluster) and TOKEN in namespace.finalizers:
        after = released(namespace.without_finalizer(TOKEN))
        yield Transition(
            ACTOR, Effect.LETS_GO, namespace.id, after, None, "spec.finalizers", "nothing is left inside", SOURCE
        )


def unanswered(state: State, cluster: str) -> list[str]:
    """The API groups whose discovery fails: as long as one does, no namespace can go."""
    return [gap.what for gap in state.world(cluster).gaps if gap.what.startswith("API group ")]
