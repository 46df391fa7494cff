"""Make the ClusterConfiguration: from here on ks-installer installs.

ks-installer v3.3.1, deploy/cluster-configuration.yaml.
"""

from collections.abc import Iterable

from ks_reset.facts.installation import CONFIGURATION
from ks_reset.model import Action
from ks_reset.steps.actions import absent, create
from ks_reset.steps.step import Step, StepContext

WHY = "It decides role, jwtSecret and components before the installer looks for them elsewhere."


def actions(ground: StepContext) -> Iterable[Action]:
    for past in ground.options.install.objects if ground.options.install else ():
        world = ground.facts.world(past.cluster)
        if world and past.kind.key == CONFIGURATION and absent(world, past):
            yield create(STEP.name, past, "the installer acts on it")


STEP = Step("configure-installer", WHY, after=("apply-installer",), actions=actions)
