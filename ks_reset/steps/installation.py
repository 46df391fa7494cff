"""Make what the installer's manifest brings, as it stands in the plan; what is there already is left as it is."""

from collections.abc import Iterable

from ks_reset.facts.installation import CONFIGURATION
from ks_reset.model import Action
from ks_reset.steps.actions import absent, create
from ks_reset.steps.step import Step, StepContext

WHY = "The installer comes before its configuration: without its type, that is refused."


def actions(ground: StepContext) -> Iterable[Action]:
    for past in ground.options.install.objects if ground.options.install else ():
        world = ground.facts.world(past.cluster)
        if world and past.kind.key != CONFIGURATION and absent(world, past):
            yield create(STEP.name, past, "the installer's manifest brings it")


STEP = Step("apply-installer", WHY, after=("fasten-seatbelt",), actions=actions)
