"""Make the types again that a run deleted."""

from collections.abc import Iterable

from ks_reset.facts.crds import CRD
from ks_reset.model import Action, Skipped
from ks_reset.steps.restore import again
from ks_reset.steps.step import Step, StepContext

WHY = "Without its type no object can be made; and until a type is served, nothing is."


def actions(ground: StepContext) -> Iterable[Action | Skipped]:
    yield from again(STEP.name, ground, lambda past: past.kind.key == CRD)


STEP = Step("restore-types", WHY, after=("fasten-seatbelt",), actions=actions)
