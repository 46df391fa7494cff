"""Watch kubefed at work: no Workspace may be made anew any more."""

from collections.abc import Iterable

from ks_reset.facts.controllers import kubefeds, replicas, watch
from ks_reset.model import Action
from ks_reset.steps.federation import needed
from ks_reset.steps.step import Step, StepContext

WHY = "The cure is proven by the Workspaces' UIDs, which changed every few seconds before."
SECONDS = 20


def actions(ground: StepContext) -> Iterable[Action]:
    for deployment in (d for d in kubefeds(ground.facts.host) if needed(ground) or replicas(d)):
        yield watch(STEP.name, ground.facts.host, deployment, SECONDS, "UIDs must stay the same while it works")


STEP = Step("watch-workspaces", WHY, after=("resume-federation",), actions=actions)
