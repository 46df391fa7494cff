"""Namespaces with an empty spec.finalizers: emptied ones, and ones whose finalizers were wiped while they had contents.

The namespace controller empties spec.finalizers once nothing is left inside; from then on metadata.finalizers alone
hold the namespace (kubernetes v1.24.17, pkg/controller/namespace/deletion/namespaced_resources_deleter.go, Delete;
pkg/registry/core/namespace/storage/storage.go, ShouldDeleteNamespaceDuringUpdate).
"""

from ks_reset.simulation.objects import WIPED, SimObject
from ks_reset.simulation.state import State


def is_wiped_with_contents(state: State, namespace: SimObject) -> bool:
    """Whether the end of its deletion would leave its contents in etcd, where nobody deletes them."""
    return WIPED in namespace.finalizers and bool(_contents(state, namespace))


def is_emptied(state: State, namespace: SimObject) -> bool:
    """Whether it is in deletion without contents, and waits for other finalizers alone."""
    others = [finalizer for finalizer in namespace.finalizers if finalizer != WIPED]
    return namespace.deleting and bool(others) and not _contents(state, namespace)


def holding_finalizers(state: State, subject: SimObject) -> tuple[str, ...]:
    """The finalizers that keep an object; an emptied namespace is not kept by its empty spec.finalizers."""
    if not is_emptied(state, subject):
        return subject.finalizers
    return tuple(finalizer for finalizer in subject.finalizers if finalizer != WIPED)


def _contents(state: State, namespace: SimObject) -> list[SimObject]:
    return state.by_namespace.get((namespace.id.cluster, namespace.id.name), [])
