"""Take the finalizers off the records of members that leave, since what would take them off is stopped.

finalizer.cluster.kubesphere.io of a Cluster (kubesphere v3.3.1, pkg/controller/cluster/cluster_controller.go) waits for
a controller that first talks to the member, which may be dead. Other people's finalizers stay.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.model import Action, Marks, Verb
from ks_reset.steps.forget_records import leavers
from ks_reset.steps.step import Step, StepContext

WHY = "A record whose finalizer nobody takes off stays in Terminating, and kubefed goes on with it."


def actions(ground: StepContext) -> Iterable[Action]:
    for record in leavers(ground):
        if own := tuple(f for f in record.finalizers if catalogue.own_key(f)):
            why = f"nobody is left to take off {', '.join(own)}"
            yield Action.on(record, STEP.name, ground.facts.host.identity, Verb.STRIP, why, marks=Marks(finalizers=own))


STEP = Step("release-records", WHY, after=("prove-paused", "remove-dead-webhooks"), actions=actions)
