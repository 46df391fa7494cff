"""Delete KubeSphere's own namespaces; never one of a user's, never one of Kubernetes'."""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.model import ClusterFacts, Skipped
from ks_reset.steps.step import Removal, Step, StepContext

WHY = "Their objects with finalizers are gone by now, so they do not hang in Terminating."


def removes(world: ClusterFacts, _: StepContext) -> Iterable[Removal | Skipped]:
    for obj in world.of("Namespace"):
        entry = catalogue.system_namespace(obj.name)
        if entry and entry.remove != "never":
            yield Removal(obj, f"KubeSphere's own namespace: {entry.created_by}")


STEP = Step("remove-namespaces", WHY, after=("remove-types",), removes=removes)
