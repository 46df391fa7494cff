"""Take kubefed's label off what a host has spread to a member that it leaves.

A kubefed that joins the member later takes whatever has the label for its own, and deletes what it does not place
there (kubefed v0.8.1, pkg/controller/sync/controller.go, syncToClusters). Where another host shares the member, only
what this host's federated objects place there is theirs to lose; the rest is the other's.
"""

from collections.abc import Iterable

from ks_reset.catalogue.marks import MANAGED
from ks_reset.facts import federation
from ks_reset.facts.join_accounts import foreign
from ks_reset.model import Action, ClusterFacts, Marks, Obj, Verb
from ks_reset.steps.step import Step, StepContext

WHY = "The label says that a kubefed may delete the object; the host that wrote it has no say here any more."


def actions(ground: StepContext) -> Iterable[Action]:
    for world in ground.detached:
        shared = foreign(ground.facts, world, ground.options)
        along, why = (
            _record(ground, world) if shared else "",
            "this host spread it" if shared else "a kubefed spread it",
        )
        for obj in _spread(ground, world) if shared else world.all():
            if obj.labels.get(MANAGED) == "true" and not ground.goes(obj, world):
                marks = Marks(labels=(MANAGED,))
                yield Action.on(obj, STEP.name, world.identity, Verb.STRIP, why, marks=marks, along=along)


def _record(ground: StepContext, world: ClusterFacts) -> str:
    """The UID of a record of this host that reaches the cluster; "" for none."""
    here = federation.records_of(ground.facts, world)
    return next((r.uid for r in ground.facts.host.of(federation.RECORD) if r.name in here), "")


def _spread(ground: StepContext, world: ClusterFacts) -> Iterable[Obj]:
    """What this host's federated objects place on a cluster."""
    host, here = ground.facts.host, federation.records_of(ground.facts, world)
    for target in federation.targets(host):
        found = world.get(target.key, target.name, target.namespace)
        if found and federation.placement(host, target) & here:
            yield found


STEP = Step("unmark", WHY, after=("prove-quiet|prove-paused",), actions=actions, detaches=True)
