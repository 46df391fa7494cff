"""Cut users' objects loose from what would take them along: an owner of KubeSphere's, or kubefed's label; nothing else.

Which ones those are is asked of the model: what would be lost if every controller ran, or KubeSphere's types came back.
kubefed deletes only what it has labelled (kubefed v0.8.1, pkg/controller/util/federated_informer.go).
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.model import Action, Marks, Verb
from ks_reset.simulation import Consequence, threats
from ks_reset.simulation.actors.kubefed import ACTOR, MANAGED
from ks_reset.simulation.objects import SimObject
from ks_reset.steps.step import Step, StepContext

WHY = "An owner that is gone, or going, takes along whatever still names it as soon as somebody notices."


def actions(ground: StepContext) -> Iterable[Action]:
    for found in threats(ground.facts).values():
        for thing, effect in found:
            if marks := _ties(thing, effect):
                why = f"it would be lost: {effect.chain[-1].why}"
                yield Action.on(thing.obj, STEP.name, thing.id.cluster, Verb.STRIP, why, marks=marks)


def _ties(thing: SimObject, effect: Consequence) -> Marks:
    owners = tuple(sorted(o for o in thing.obj.owners if catalogue.own_group(o.group)))
    by_kubefed = effect.chain[-1].actor == ACTOR and thing.label(MANAGED) == "true"
    return Marks(labels=(MANAGED,) if by_kubefed else (), owners=owners)


STEP = Step("cut-ties", WHY, after=("prove-quiet",), actions=actions)
