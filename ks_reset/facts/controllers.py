"""The Deployments of KubeSphere's and kubefed's controllers on a cluster, and how many replicas they have."""

from ks_reset import catalogue
from ks_reset.catalogue.names import DEPLOYMENT_KEY, REPLICAS_ANNOTATION
from ks_reset.model import ClusterFacts, Obj

REPLICAS = REPLICAS_ANNOTATION


def reacting(cluster: ClusterFacts) -> list[Obj]:
    """The Deployments of KubeSphere's and kubefed's controllers on this cluster, in stopping order."""
    return sorted(filter(catalogue.reacts, cluster.of(DEPLOYMENT_KEY)), key=catalogue.rank)


def kubefeds(cluster: ClusterFacts) -> list[Obj]:
    """The Deployments of kubefed's controller on this cluster, in all namespaces."""
    return [d for d in reacting(cluster) if catalogue.is_kubefed_controller(d)]


def replicas(deployment: Obj) -> int:
    """spec.replicas of a Deployment; 1 if unset, as the API server's default."""
    return int(deployment.spec.get("replicas", 1))
