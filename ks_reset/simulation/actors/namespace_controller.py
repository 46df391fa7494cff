"""The namespace controller: deletes the contents of a namespace being deleted, then releases the namespace.

Kubernetes v1.24.17 and v1.34.4, pkg/controller/namespace/deletion/namespaced_resources_deleter.go: Delete,
deleteAllContent, finalized. An aggregated API without an answer keeps the namespace, not its contents. A namespace with
wiped spec.finalizers counts as finalized, and the controller leaves it alone. The contents are deleted with the
propagationPolicy Background (deleteCollection).
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import NAMESPACE_KEY
from ks_reset.model import GROUP_GAP
from ks_reset.simulation.api_server import BACKGROUND, after_deletion, after_release, reason_survived
from ks_reset.simulation.move import Effect, Transition
from ks_reset.simulation.objects import SPEC, WIPED, SimObject
from ks_reset.simulation.state import State

ACTOR = "namespace controller"
SOURCE = "kubernetes v1.24.17, pkg/controller/namespace/deletion/namespaced_resources_deleter.go"
TOKEN = f"{SPEC}kubernetes"


def transitions(state: State) -> Iterable[Transition]:
    """The transitions this controller may make next."""
    for namespace in state.of_kind(NAMESPACE_KEY):
        finalizers = namespace.finalizers
        if namespace.deleting and WIPED not in finalizers and any(f.startswith(SPEC) for f in finalizers):
            yield from _delete_contents(state, namespace)


def _delete_contents(state: State, namespace: SimObject) -> Iterable[Transition]:
    contents = state.by_namespace.get((namespace.id.cluster, namespace.id.name), ())
    for inner in contents:
        if not inner.deleting:
            refused = reason_survived(state, inner)
            why = f"its namespace {namespace.id.name} is being deleted"
            after = inner if refused else after_deletion(inner, BACKGROUND)
            yield Transition(
                ACTOR, Effect.DELETES, inner.id, after, namespace.id, "metadata.namespace", why, SOURCE, refused
            )
    if not contents and not unanswered_groups(state, namespace.id.cluster) and TOKEN in namespace.finalizers:
        after = after_release(namespace.without_finalizer(TOKEN))
        yield Transition(
            ACTOR, Effect.LETS_GO, namespace.id, after, None, "spec.finalizers", "nothing is left inside", SOURCE
        )


def unanswered_groups(state: State, cluster: str) -> list[str]:
    """The API groups of a cluster without an answer to discovery, as `API group <group>/<version>`.

    No namespace is released while there is one.
    """
    return [gap.what for gap in state.cluster_facts(cluster).gaps if gap.what.startswith(GROUP_GAP)]
