"""Prove that what was paused is quiet: no pods, and no renewal of its leader-election lock for longer than a lease."""

from collections.abc import Iterable

from ks_reset.facts.controllers import quiet
from ks_reset.model import Action
from ks_reset.steps.federation import needed, pausable
from ks_reset.steps.step import Step, StepContext

WHY = "A second kubefed elsewhere would still renew the lock, and react."


def actions(ground: StepContext) -> Iterable[Action]:
    if needed(ground):
        why = "its lock must stand still for longer than its lease"
        yield from quiet(STEP.name, ground.facts.host, pausable(ground), why)


STEP = Step("prove-paused", WHY, after=("pause-federation",), actions=actions)
