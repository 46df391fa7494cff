"""KubeSphere does not reach the cluster of a Cluster without a KubeFedCluster: a member of 4.x, or one not federated.

The controller writes the condition Ready at each look (kubesphere v4.1.3, pkg/controller/cluster/cluster_controller.go,
updateClusterReadyCondition; v3.3.1, the same file, syncCluster). With a KubeFedCluster, unready-record tells it.
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import CLUSTER_KEY, KUBEFED_CLUSTER_KEY
from ks_reset.credentials.digests import readable_text
from ks_reset.findings.about import About, Group
from ks_reset.findings.fleet.unready_record import ready_condition
from ks_reset.findings.reads import Reads, host
from ks_reset.model import Body, Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency

ABOUT = About(Group.CLUSTERS, "KubeSphere reaches the clusters of its Clusters", Urgency.STOPS)
READS = Reads(found_in=host(CLUSTER_KEY), decided_by=host(KUBEFED_CLUSTER_KEY))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    federated = {record.name for record in facts.host.of(KUBEFED_CLUSTER_KEY)}
    for cluster in facts.host.of(CLUSTER_KEY):
        condition = ready_condition(cluster)
        failed = condition and condition.get("status") != "True"
        if condition and failed and cluster.name not in federated and not cluster.deleting:
            yield _unready_finding(facts, cluster, condition)


def _unready_finding(facts: FleetFacts, cluster: Obj, condition: Body) -> Finding:
    words = " ".join(readable_text(condition.get(key)) for key in ("status", "reason", "message")).strip()
    return Finding(
        id="unready-cluster",
        severity=Severity.WARNING,
        title=f"KubeSphere does not reach the cluster of the Cluster {cluster.name}",
        evidence=(Evidence(facts.host.name, cluster.title, "status.conditions[Ready]", words),),
        next="Its pages in the console stay empty, and Workspaces and roles are not spread there.",
        cure=f"Find the cause: kubectl --context {facts.host.context} describe {cluster.kind.resource}/{cluster.name}. "
        f"If the cluster is gone for good: ks-reset plan forget-member --members {cluster.name} --out plan.json.",
    )
