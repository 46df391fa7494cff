"""Take KubeSphere's and kubefed's marks off everything that stays: one patch an object, each entry tested.

First of all the ownerReferences to Workspaces: garbage collection deletes a namespace whose owner's UID is not found
(Kubernetes v1.24, pkg/controller/garbagecollector/garbagecollector.go). Then finalizers that nobody will take off,
and the labels by which the next host would take the objects for its own. Pod templates are left alone: a change there
restarts pods.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.model import Action, ClusterFacts, Marks, Obj, Verb
from ks_reset.steps.step import Step, StepContext

WHY = "A namespace that names a Workspace as owner is deleted with it, so every tie is cut before any owner goes."


def actions(ground: StepContext) -> Iterable[Action]:
    for world in ground.facts.clusters:
        for obj in world.all():
            if not ground.goes(obj, world) and (marks := catalogue.marks(obj)):
                yield _strip(world, obj, marks)


def _strip(world: ClusterFacts, obj: Obj, marks: Marks) -> Action:
    owners = ", ".join(f"{owner.kind} {owner.name}" for owner in marks.owners)
    why = (
        f"it is owned by {owners}: garbage collection would delete it"
        if owners
        else "KubeSphere's marks, not its owner's"
    )
    return Action.on(obj, STEP.name, world.identity, Verb.STRIP, why, marks=marks)


STEP = Step("sever", WHY, after=("prove-quiet", "remove-webhooks"), actions=actions)
