"""Bind one business namespace, and watch."""

from collections.abc import Iterable

from ks_reset.model import Action
from ks_reset.steps.rebind import bound
from ks_reset.steps.step import Step, StepContext

WHY = "One namespace is the smallest thing that can be risked; the canary has shown that the risk is small."


def actions(ground: StepContext) -> Iterable[Action]:
    for world in ground.facts.clusters:
        yield from bound(STEP.name, ground, world, first=True)


STEP = Step("rebind-first", WHY, after=("watch-canaries",), actions=actions)
