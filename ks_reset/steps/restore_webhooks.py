"""Make webhooks and aggregated APIs again that a run deleted, last of all."""

from collections.abc import Iterable

from ks_reset.model import Action, Skipped
from ks_reset.steps.restore import LAST, again
from ks_reset.steps.step import Step, StepContext

WHY = "While its backend is not up, a webhook refuses what is still to be made."


def actions(ground: StepContext) -> Iterable[Action | Skipped]:
    yield from again(STEP.name, ground, lambda past: past.kind.key in LAST)


STEP = Step("restore-webhooks", WHY, after=("restore-replicas",), actions=actions)
