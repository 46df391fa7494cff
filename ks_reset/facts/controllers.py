"""The Deployments of KubeSphere's and kubefed's controllers on a cluster, and how many replicas they have."""

from collections.abc import Iterable

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


def runs_program(cluster: ClusterFacts, programs: Iterable[str]) -> bool:
    """Whether a Deployment of one of these programs has replicas, in any namespace.

    One that only has the name of a program counts too, since a mirror may rename its image. It does not for a program
    with a leader-election lock: the step prove-gone sees whether that is renewed.
    """
    wanted = set(programs)
    named = {program for program in wanted if catalogue.leader_election_of(program) is None}
    return any(
        replica_count(d) > 0
        for d in cluster.of(DEPLOYMENT_KEY)
        if catalogue.program_name(d) in wanted or d.name in named
    )
