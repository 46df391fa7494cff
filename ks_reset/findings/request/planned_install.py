"""The clusters a plan installs KubeSphere on, the members it joins, and whether either has begun.

An interrupted run is planned and applied again on its own leftovers; so rules asking for a clean cluster ask only
where nothing has begun.
"""

from collections.abc import Iterable

from ks_reset import seatbelt
from ks_reset.catalogue.names import CLUSTER_CONFIGURATION_KEY, CLUSTER_KEY, KUBEFED_CLUSTER_KEY, SECRET_KEY
from ks_reset.facts.installation import is_installation_begun
from ks_reset.findings.reads import each, host
from ks_reset.model import ClusterFacts, FleetFacts, MemberJoin, Options

REINSTALL = "reinstall"
"""The name of the playbook in the mark of a seatbelt (ks_reset/apply/run.py)."""
SELECTED = host(CLUSTER_KEY, KUBEFED_CLUSTER_KEY)
"""What decides which clusters are installed on, and which members are joined."""
BEGUN = each(CLUSTER_CONFIGURATION_KEY, SECRET_KEY, *seatbelt.KINDS)
"""What decides whether an installation has begun."""


def clusters_to_install(facts: FleetFacts, options: Options) -> list[ClusterFacts]:
    """The clusters to get KubeSphere: by ks-installer, by a chart, or from the host of 4.x joining them.

    kubesphere v4.1.3, pkg/controller/cluster/helper.go, installKSCoreInMemberCluster.
    """
    install = options.material.install
    identities = {past.cluster for past in install.objects} if install else set()
    identities |= {chart.cluster for chart in install.charts} if install else set()
    identities |= set() if has_kubefed(facts) else {cluster.identity for _, cluster in members_to_join(facts, options)}
    return [cluster for cluster in facts.clusters if cluster.identity in identities]


def members_to_join(facts: FleetFacts, options: Options) -> Iterable[tuple[MemberJoin, ClusterFacts]]:
    """The members to be joined without a Cluster on the host yet; once there is one, its controllers join them."""
    for joining in options.material.joining:
        member = facts.cluster(joining.reaches)
        if member and facts.host.get(CLUSTER_KEY, joining.cluster.obj.name) is None:
            yield joining, member


def has_kubefed(facts: FleetFacts) -> bool:
    """Whether the host serves KubeFedClusters (3.x): kubefed then acts on members; the host of 4.x does so itself."""
    return KUBEFED_CLUSTER_KEY in facts.host.kinds


def nothing_begun(cluster: ClusterFacts) -> bool:
    """Whether there is no installation, and no seatbelt of a run of reinstall.

    helm creates a chart's CRDs before it writes the release (helm v3.19.5, pkg/action/install.go,
    RunWithContext); a run interrupted in between had asked for a clean cluster before its seatbelt was on.
    """
    belt = seatbelt.present(cluster)
    return not is_installation_begun(cluster) and not (belt and belt.run == REINSTALL)
