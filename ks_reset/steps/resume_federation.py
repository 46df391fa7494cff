"""Start again what was paused, with the replicas it had, which its annotation remembers."""

from collections.abc import Iterable

from ks_reset.facts.controllers import REPLICAS, replicas, scale
from ks_reset.model import Action
from ks_reset.steps.federation import LEAVES, needed, pausable
from ks_reset.steps.step import Step, StepContext

WHY = "With one record a cluster, kubefed works as it should; stopped, it would leave the federation unattended."


def actions(ground: StepContext) -> Iterable[Action]:
    alone = ground.facts.host in ground.detached  # a member by itself: what stands still there was not paused for it
    for deployment in () if alone else pausable(ground):
        earlier = int(deployment.annotations.get(REPLICAS, 0)) or replicas(deployment)
        why = f"it had {earlier} replica(s)" if earlier else "somebody stopped it while the record stood"
        stopped = ground.scope in LEAVES and not replicas(deployment)
        if REPLICAS in deployment.annotations or (needed(ground) and not stopped):
            yield scale(STEP.name, ground.facts.host, deployment, earlier or 1, why)


STEP = Step("resume-federation", WHY, after=("remove-stale-record|forget-records",), actions=actions)
