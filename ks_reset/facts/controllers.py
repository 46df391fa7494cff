"""The Deployments that react to changes, and how many replicas they have."""

from ks_reset import catalogue
from ks_reset.model import ClusterFacts, Obj

DEPLOYMENT = "Deployment.apps"
REPLICAS = "ks-reset/replicas"
"""The annotation that keeps how many replicas a stopped Deployment had."""


def reacting(world: ClusterFacts) -> list[Obj]:
    """The controllers of KubeSphere and kubefed on this cluster, in the order in which they are stopped."""
    found = [(catalogue.rank(d), d) for d in world.of(DEPLOYMENT) if catalogue.reacts(d)]
    return [deployment for _, deployment in sorted(found, key=lambda pair: pair[0])]


def kubefeds(world: ClusterFacts) -> list[Obj]:
    """The kubefed controllers among them, in whatever namespace."""
    return [d for d in reacting(world) if catalogue.is_kubefed_controller(d)]


def replicas(deployment: Obj) -> int:
    """spec.replicas, which the API server defaults to 1."""
    return int(deployment.spec.get("replicas", 1))
