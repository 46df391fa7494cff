"""Stop kubefed on the host while a stale record stands, keeping its replica count in an annotation."""

from collections.abc import Iterable

from ks_reset.facts.controllers import REPLICAS, kubefeds, replicas, scale
from ks_reset.model import Action
from ks_reset.steps.remove_stale_record import stale_records
from ks_reset.steps.step import Ground, Step

WHY = "A running kubefed reacts to the deletion of a record; stopped, it finds a clean list when it starts again."


def actions(ground: Ground) -> Iterable[Action]:
    host = ground.facts.host
    if not stale_records(host, ground.options):
        return
    for deployment in kubefeds(host):
        if replicas(deployment) > 0:
            why = "it deletes through the stale record what it makes through the other"
            yield scale(STEP.name, host, deployment, 0, why)
        elif REPLICAS not in deployment.annotations:
            yield scale(STEP.name, host, deployment, 0, "somebody stopped it already; that is noted, to start it later")


STEP = Step("stop-kubefed", WHY, after=("fasten-seatbelt",), actions=actions)
