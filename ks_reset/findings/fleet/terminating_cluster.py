"""A Cluster of the host is in deletion: the member is not reached, or nobody takes the finalizer off.

3.x ends it once the member has left kubefed (kubesphere v3.3.1, pkg/controller/cluster/cluster_controller.go,
syncCluster, unJoinFederation); 4.x first takes the Cluster out of every template (v4.1.3, the same file,
unbindWorkspaceTemplate). The console shows no such Cluster any more, and the name cannot be used again (kubesphere
issues 6034, 6072 and 6154).
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import CLUSTER_KEY, HOST_ROLE_LABEL
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import Reads, host
from ks_reset.model import Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency

ABOUT = About(Group.CLUSTERS, "No Cluster is in deletion", Urgency.STOPS)
READS = Reads(found_in=host(CLUSTER_KEY))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.host.of(CLUSTER_KEY):
        if cluster.deleting:
            yield Finding(
                id="terminating-cluster",
                severity=Severity.WARNING,
                title=f"The Cluster {cluster.name} is in deletion",
                evidence=(
                    Evidence(facts.host.name, cluster.title, "metadata.deletionTimestamp", _time(cluster)),
                    Evidence(facts.host.name, cluster.title, "metadata.finalizers", ", ".join(cluster.finalizers)),
                ),
                next="KubeSphere does not show the cluster any more, its name cannot be used again, and marks and a "
                "full-rights account stay on the member.",
                cure=_way_on(cluster),
            )


def _way_on(cluster: Obj) -> str:
    if HOST_ROLE_LABEL in cluster.labels:
        return (
            "It is the host itself: ks-reset plan uninstall --out plan.json takes KubeSphere off with all its records."
        )
    return (
        f"If the member is gone for good: ks-reset plan forget-member --members {cluster.name} --out plan.json; if it "
        "answers, the refusal of that plan names the playbook that cleans the member as well."
    )


def _time(cluster: Obj) -> str:
    return str(cluster.meta.get("deletionTimestamp", ""))
