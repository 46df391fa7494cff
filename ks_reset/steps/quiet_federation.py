"""Stop kubefed, wherever it runs on the host."""

from collections.abc import Iterable

from ks_reset.facts.controllers import kubefeds, replicas, scale
from ks_reset.model import Action
from ks_reset.steps.step import Step, StepContext

WHY = "It is kubefed that deletes a Workspace through one record and makes it through another."


def actions(ground: StepContext) -> Iterable[Action]:
    host = ground.facts.host
    yield from (scale(STEP.name, host, d, 0, "it makes Workspaces anew") for d in kubefeds(host) if replicas(d))


STEP = Step("quiet-federation", WHY, after=("fasten-seatbelt",), actions=actions)
