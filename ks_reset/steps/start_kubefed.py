"""Start kubefed again with the replicas it had, which its annotation remembers."""

from collections.abc import Iterable

from ks_reset.facts.controllers import REPLICAS, kubefeds, replicas, scale
from ks_reset.model import Action
from ks_reset.steps.remove_stale_record import stale_records
from ks_reset.steps.step import Ground, Step

WHY = "With one record a cluster, kubefed works as it should; stopped, it would leave the federation unattended."


def actions(ground: Ground) -> Iterable[Action]:
    host = ground.facts.host
    for deployment in kubefeds(host):
        earlier = int(deployment.annotations.get(REPLICAS, 0)) or replicas(deployment)
        why = f"it had {earlier} replica(s)" if earlier else "somebody stopped it while the stale record stood"
        if stale_records(host, ground.options) or REPLICAS in deployment.annotations:
            yield scale(STEP.name, host, deployment, earlier or 1, why)


STEP = Step("start-kubefed", WHY, after=("remove-stale-record",), actions=actions)
