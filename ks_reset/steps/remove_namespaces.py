"""Delete KubeSphere's own namespaces; never one of a user's, never one of Kubernetes'."""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.model import Kept, World
from ks_reset.steps.step import Ground, Removal, Step

WHY = "Their objects with finalizers are gone by now, so they do not hang in Terminating."


def removes(world: World, _: Ground) -> Iterable[Removal | Kept]:
    for obj in world.of("Namespace"):
        entry = catalogue.system_namespace(obj.name)
        if entry and entry.remove != "never":
            yield Removal(obj, f"KubeSphere's own namespace: {entry.created_by}")


STEP = Step("remove-namespaces", WHY, after=("remove-types",), removes=removes)
