"""Take the finalizers of stopped controllers off KubeSphere's and kubefed's own objects.

Nobody is left to take them off, and running kubefed to do it would delete the targets in every cluster
(kubefed v0.8.1, pkg/controller/sync/controller.go, ensureDeletion). Other people's finalizers stay.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.facts.types import own_objects
from ks_reset.model import Action, Marks, Verb
from ks_reset.steps.step import Ground, Step

WHY = "A federated object deleted by a running kubefed takes its targets along; without its finalizer it just goes."


def actions(ground: Ground) -> Iterable[Action]:
    for world in ground.facts.worlds:
        for obj in own_objects(world):
            finalizers = catalogue.marks(obj).finalizers
            if obj.uid in ground.doomed and finalizers:
                yield Action(
                    step=STEP.name,
                    cluster=world.identity,
                    verb=Verb.STRIP,
                    kind=obj.kind,
                    name=obj.name,
                    namespace=obj.namespace,
                    uid=obj.uid,
                    why=f"nobody is left to take off {', '.join(finalizers)}",
                    marks=Marks(finalizers=finalizers),
                )


STEP = Step("release-finalizers", WHY, after=("prove-quiet", "remove-webhooks", "sever"), actions=actions)
