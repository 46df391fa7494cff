"""Prove that what was stopped is quiet: no pods, and no renewal of the leader-election lock for longer than a lease."""

from collections.abc import Iterable

from ks_reset.facts.controllers import quiet, reacting
from ks_reset.model import Action
from ks_reset.steps.step import Step, StepContext

WHY = "A Deployment at zero replicas is not proof: a second copy elsewhere would still renew its lock, and react."


def actions(ground: StepContext) -> Iterable[Action]:
    for world in ground.facts.clusters:
        yield from quiet(STEP.name, world, reacting(world), "its lock must stand still for longer than its lease")


STEP = Step("prove-quiet", WHY, after=("stop-controllers",), actions=actions)
