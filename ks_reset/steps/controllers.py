"""Stop everything that reacts, on every cluster, before anything is changed.

ks-installer first, since its shell-operator would bring the others back (ks-installer v3.3.1); then what restores
finalizers, labels and ownerReferences within seconds and acts on deletions. The earlier replica count is kept in an
annotation of the Deployment.
"""

from collections.abc import Iterable

from ks_reset.facts.controllers import reacting, replicas, scale
from ks_reset.model import Action
from ks_reset.steps.step import Step, StepContext

WHY = "Controllers restore what is stripped and act on what is deleted; nothing is changed while one runs."


def actions(ground: StepContext) -> Iterable[Action]:
    for world in ground.facts.clusters:
        for deployment in reacting(world):
            if replicas(deployment) > 0:
                yield scale(STEP.name, world, deployment, 0, f"it reacts; it has {replicas(deployment)} replica(s) now")


STEP = Step("stop-controllers", WHY, after=("fasten-seatbelt",), actions=actions)
