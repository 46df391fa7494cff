"""Wait until what was installed works, and say what it is waiting for."""

from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter

from ks_reset.facts.installation import DEPLOYMENT, expected, waiting
from ks_reset.model import Action, Verb
from ks_reset.steps.step import Step, StepContext

WHY = "Members are joined, and namespaces bound, by controllers that run."


def actions(ground: StepContext) -> Iterable[Action]:
    for cluster, wanted in groupby(expected(ground.options.install), itemgetter(0)):
        names = [(namespace, name) for _, namespace, name in wanted]
        world = ground.facts.world(cluster)
        if world and waiting(world, names):
            yield from (
                Action(STEP.name, cluster, Verb.READY, DEPLOYMENT, n, ns, why="it has to run") for ns, n in names
            )


STEP = Step("await-kubesphere", WHY, after=("configure-installer", "install-chart"), actions=actions)
