"""Take the finalizers of stopped controllers off everything that is to be deleted.

Nobody is left to take them off, and running kubefed to do it would delete the targets in every cluster
(kubefed v0.8.1, pkg/controller/sync/controller.go, ensureDeletion). Other people's finalizers stay. KubeSphere's own
namespaces also lose their owner here, so that they go in their own step and not with a Workspace.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.model import Action, Marks, Obj, Verb
from ks_reset.steps.step import Step, StepContext

WHY = "A federated object deleted by a running kubefed takes its targets along; without its finalizer it just goes."


def actions(ground: StepContext) -> Iterable[Action]:
    for world in ground.facts.clusters:
        for obj in world.all():
            if ground.goes(obj, world) and (marks := _held(obj)):
                why = f"nobody is left to take off {', '.join(marks.finalizers)}"
                yield Action.on(obj, STEP.name, world.identity, Verb.STRIP, why, marks=marks)


def _held(obj: Obj) -> Marks:
    found = catalogue.marks(obj)
    owners = found.owners if obj.kind.key == "Namespace" else ()
    return Marks(finalizers=found.finalizers, owners=owners)


STEP = Step("release-finalizers", WHY, after=("prove-quiet", "remove-webhooks", "sever"), actions=actions)
