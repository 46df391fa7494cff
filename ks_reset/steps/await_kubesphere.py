"""Wait until what was installed works, and say what it is waiting for."""

from collections.abc import Iterable

from ks_reset.facts.installed import DEPLOYMENT, expected
from ks_reset.model import Action, Verb
from ks_reset.steps.step import Ground, Step

WHY = "Members are joined, and namespaces bound, by controllers that run."


def actions(ground: Ground) -> Iterable[Action]:
    for cluster, namespace, name in expected(ground.options.install):
        if ground.facts.world(cluster):
            yield Action(STEP.name, cluster, Verb.READY, DEPLOYMENT, name, namespace, why="it has to run")


STEP = Step("await-kubesphere", WHY, after=("configure-installer", "install-chart"), actions=actions)
