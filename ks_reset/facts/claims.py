"""The host named on a member of 4.x.

The host writes its name and the Cluster's on Namespace kubesphere-system of each cluster it has, its own too
(kubesphere v4.1.3, pkg/controller/cluster/cluster_controller.go, syncClusterName), and writes Workspaces there without
an account on the cluster.
"""

from msgspec import Struct

from ks_reset.catalogue.names import (
    CLUSTER_NAME_ANNOTATION,
    HOST_CLUSTER_ANNOTATION,
    KUBEFED_HOST_NAME,
    KUBESPHERE_NAMESPACE,
    NAMESPACE_KEY,
)
from ks_reset.facts.federation import own_records
from ks_reset.model import ClusterFacts, FleetFacts, Options


class Claim(Struct, frozen=True):
    """The name of a member at its host, and the host's: most hosts are called host."""

    member: str
    host: str

    @property
    def account(self) -> str:
        """<member>-<host>, as --gone-host takes it."""
        return f"{self.member}-{self.host}"


def claim_of(cluster: ClusterFacts) -> Claim | None:
    """The claim on a cluster; None without one, and on the host itself."""
    claim = _written_claim(cluster)
    return None if claim is None or claim.member in own_records(cluster) else claim


def own_claims(host: ClusterFacts) -> list[str]:
    """What a host has written on itself, to be known once its own record is gone, as `own_claim`; one at most."""
    claim = _written_claim(host)
    return [own_claim(host, claim)] if claim and claim.member in own_records(host) else []


def own_claim(cluster: ClusterFacts, claim: Claim) -> str:
    """The claim on a cluster as a plan remembers accounts of its own host: `<identity>/<member>-kubesphere`."""
    return f"{cluster.identity}/{claim.member}-{KUBEFED_HOST_NAME}"


def _written_claim(cluster: ClusterFacts) -> Claim | None:
    namespace = cluster.get(NAMESPACE_KEY, KUBESPHERE_NAMESPACE)
    host = namespace.annotations.get(HOST_CLUSTER_ANNOTATION, "") if namespace else ""
    if namespace is None or not host:
        return None
    return Claim(namespace.annotations.get(CLUSTER_NAME_ANNOTATION, ""), host)


def foreign_claim(facts: FleetFacts, cluster: ClusterFacts, options: Options) -> Claim | None:
    """The claim of a host not read, unless it is given with --gone-host.

    The claim of the host of these facts leads there by its Cluster, or did when the plan was made.
    """
    claim = claim_of(cluster)
    if claim is None or claim.account in options.request.gone:
        return None
    if cluster is facts.host:
        return None if own_claim(cluster, claim) in options.material.joins else claim
    own = {f"/{claim.member}-{KUBEFED_HOST_NAME}", own_claim(cluster, claim)}
    led = {dial.identity or dial.recorded for dial in facts.host.connections if dial.record == claim.member}
    is_own = cluster.identity in led or own & {*options.material.joins}
    return None if is_own else claim
