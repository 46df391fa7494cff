"""The Deployments of KubeSphere's and kubefed's controllers on a cluster, and how many replicas they have."""

from ks_reset import catalogue
from ks_reset.catalogue.names import DEPLOYMENT_KEY
from ks_reset.model import ClusterFacts, Obj


def reacting_controllers(cluster: ClusterFacts) -> list[Obj]:
    """The Deployments of KubeSphere's and kubefed's controllers on this cluster, in stopping order."""
    return sorted(filter(catalogue.is_reacting_controller, cluster.of(DEPLOYMENT_KEY)), key=catalogue.stop_rank)


def kubefed_controllers(cluster: ClusterFacts) -> list[Obj]:
    """The Deployments of kubefed's controller on this cluster, in all namespaces."""
    return [d for d in reacting_controllers(cluster) if catalogue.is_kubefed_controller(d)]


def replica_count(deployment: Obj) -> int:
    """spec.replicas of a Deployment; 1 if unset, as the API server's default."""
    return int(deployment.spec.get("replicas", 1))
