"""The Deployments of KubeSphere's and kubefed's controllers on a cluster, and actions on them."""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import DEPLOYMENT_KEY, REPLICAS_ANNOTATION
from ks_reset.model import Action, ClusterFacts, Obj, Verb

REPLICAS = REPLICAS_ANNOTATION
LEASE = 15
"""Seconds, where the catalogue does not know the lock: the default of client-go v0.24, tools/leaderelection."""


def reacting(cluster: ClusterFacts) -> list[Obj]:
    """The Deployments of KubeSphere's and kubefed's controllers on this cluster, in stopping order."""
    return sorted(filter(catalogue.reacts, cluster.of(DEPLOYMENT_KEY)), key=catalogue.rank)


def kubefeds(cluster: ClusterFacts) -> list[Obj]:
    """The Deployments of kubefed's controller on this cluster, in all namespaces."""
    return [d for d in reacting(cluster) if catalogue.is_kubefed_controller(d)]


def replicas(deployment: Obj) -> int:
    """spec.replicas of a Deployment; 1 if unset, as the API server's default."""
    return int(deployment.spec.get("replicas", 1))


def scale(step: str, cluster: ClusterFacts, deployment: Obj, count: int, why: str) -> Action:
    return Action.on(deployment, step, cluster.identity, Verb.SCALE, why, replicas=count)


def quiet(step: str, cluster: ClusterFacts, deployments: Iterable[Obj], why: str) -> Iterable[Action]:
    """Wait for these controllers to have no pods and an unrenewed lock."""
    for deployment in deployments:
        runs = catalogue.controller(deployment)
        lock = catalogue.lock_of(runs)
        seconds = (lock.lease_seconds if lock else LEASE) + 1
        yield Action.on(deployment, step, cluster.identity, Verb.QUIET, why, seconds=seconds, runs=runs)


def watch(step: str, cluster: ClusterFacts, deployment: Obj, seconds: int, why: str) -> Action:
    runs = catalogue.controller(deployment)
    return Action.on(deployment, step, cluster.identity, Verb.WATCH, why, seconds=seconds, runs=runs)
