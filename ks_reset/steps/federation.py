"""Stop kubefed on the host while records go, keeping its replica count in an annotation.

Where a member leaves, KubeSphere's controllers are stopped too: the host joins every Cluster that it finds again, each
two minutes (kubesphere v3.3.1, pkg/controller/cluster/cluster_controller.go). ks-apiserver works on; it only answers.
What somebody has stopped is then left as it is; after the cure of an incident it is to run again.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.facts.controllers import REPLICAS, kubefeds, reacting, replicas, scale
from ks_reset.model import Action, Obj
from ks_reset.steps.forget_records import leavers
from ks_reset.steps.records import stale_records
from ks_reset.steps.step import Step, StepContext

WHY = "A running kubefed reacts to the deletion of a record; stopped, it finds a clean list when it starts again."


LEAVES = ("member", "record")
"""The scopes of playbooks in which a member leaves."""


def pausable(ground: StepContext) -> list[Obj]:
    """The controllers of the host that stand still while records go."""
    if ground.scope in LEAVES:
        return [d for d in reacting(ground.facts.host) if catalogue.controller(d) != "ks-apiserver"]
    return kubefeds(ground.facts.host)


def needed(ground: StepContext) -> bool:
    """Whether a record is to go."""
    stale = stale_records(ground.facts.host, ground.options)
    return bool(leavers(ground) if ground.scope in LEAVES else stale)


def actions(ground: StepContext) -> Iterable[Action]:
    host = ground.facts.host
    for deployment in pausable(ground) if needed(ground) else ():
        if replicas(deployment) > 0:
            why = "it works with the records that go"
            yield scale(STEP.name, host, deployment, 0, why)
        elif ground.scope not in LEAVES and REPLICAS not in deployment.annotations:
            yield scale(STEP.name, host, deployment, 0, "somebody stopped it already; that is noted, to start it later")


STEP = Step("pause-federation", WHY, after=("fasten-seatbelt",), actions=actions)
