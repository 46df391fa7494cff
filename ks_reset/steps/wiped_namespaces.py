"""Repair namespaces that were written through /finalize: their finalizer, and the metadata that went with it."""

from collections.abc import Iterable

from ks_reset.facts.wiped_namespaces import wiped_namespaces
from ks_reset.model import Action, RestoreFinalizer, Skipped
from ks_reset.simulation.by_hand import finalize_command
from ks_reset.steps.restore import restore_marks
from ks_reset.steps.step import Step, StepContext


def restore_finalizers(context: StepContext) -> Iterable[Action | Skipped]:
    """Put `kubernetes` back where nothing is in deletion: until somebody deletes the namespace, nothing follows.

    In a namespace in deletion it sets off the deletion of what is inside: who asked for that decides.
    """
    for cluster in context.facts.clusters:
        for namespace in wiped_namespaces(cluster):
            if not namespace.deleting:
                why = "without it a deletion leaves the contents in etcd, out of reach"
                yield RestoreFinalizer.on(namespace, RESTORE_FINALIZERS.name, cluster.identity, why)
            elif any(obj.namespace == namespace.name for obj in cluster.all()):
                why = "it is in deletion without spec.finalizers; this lets the deletion go on, with all that is inside"
                command = finalize_command(cluster.context, namespace.name)
                yield Skipped(cluster.name, namespace.title, f"{why}: {command}")


def return_metadata(context: StepContext) -> Iterable[Action | Skipped]:
    """The labels and annotations of users in the snapshot given with --memory, on the same namespaces."""
    yield from restore_marks(context, RETURN_METADATA.name)


RESTORE_FINALIZERS = Step(
    "restore-finalizers",
    "A namespace without spec.finalizers is deleted without its contents, which stay in etcd out of reach.",
    after=("fasten-seatbelt",),
    actions=restore_finalizers,
)
RETURN_METADATA = Step(
    "return-metadata",
    "Users' labels and annotations decide about policies, quotas and injection; they went with the finalizer.",
    after=("fasten-seatbelt",),
    actions=return_metadata,
)
