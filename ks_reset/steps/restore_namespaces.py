"""Make the namespaces again that a run deleted: KubeSphere's own, since no other is ever deleted."""

from collections.abc import Iterable

from ks_reset.model import Action, Skipped
from ks_reset.steps.restore import again
from ks_reset.steps.step import Step, StepContext

WHY = "What was in them needs them first."


def actions(ground: StepContext) -> Iterable[Action | Skipped]:
    yield from again(STEP.name, ground, lambda past: past.kind.key == "Namespace")


STEP = Step("restore-namespaces", WHY, after=("restore-types",), actions=actions)
