"""Make the namespaces again that a run deleted: KubeSphere's own, since no other is ever deleted."""

from collections.abc import Iterable

from ks_reset.model import Action, Kept
from ks_reset.steps.restore import again
from ks_reset.steps.step import Ground, Step

WHY = "What was in them needs them first."


def actions(ground: Ground) -> Iterable[Action | Kept]:
    yield from again(STEP.name, ground, lambda past: past.kind.key == "Namespace")


STEP = Step("restore-namespaces", WHY, after=("restore-types",), actions=actions)
