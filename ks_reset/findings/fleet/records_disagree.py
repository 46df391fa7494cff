"""A Cluster and the KubeFedCluster of its name lead to different clusters: KubeSphere shows one, kubefed the other.

The join creates the KubeFedCluster from the Cluster's kubeconfig, and does not touch an existing one (kubesphere
v3.3.1, pkg/controller/cluster/join.go, createKubeFedCluster).
"""

from collections.abc import Iterable

from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import CONNECTIONS, DIALS, Reads, host
from ks_reset.model import Dial, Evidence, Finding, FleetFacts, Options, Severity, Urgency

ABOUT = About(Group.FEDERATION, "Cluster and KubeFedCluster reach the same cluster", Urgency.DATA)
READS = Reads(found_in=host(DIALS, CONNECTIONS))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    connections = {dial.record: dial for dial in facts.host.connections}
    for dial in facts.host.dials:
        other = connections.get(dial.record)
        if other and dial.identity and other.identity and dial.identity != other.identity:
            yield Finding(
                id="records-disagree",
                severity=Severity.CRITICAL,
                title=f"The Cluster and the KubeFedCluster {dial.record} reach different clusters",
                evidence=(*_address(facts, dial), *_address(facts, other)),
                next="KubeSphere shows and grants on one cluster; kubefed creates and deletes on another.",
                cure=f"If the Cluster is right: ks-reset plan stale-record --record {dial.record} --out plan.json, and "
                f"its host joins it again. If not: ks-reset plan forget-member --members {dial.record} --out "
                "plan.json.",
            )


def _address(facts: FleetFacts, dial: Dial) -> Iterable[Evidence]:
    yield Evidence(facts.host.name, f"{dial.way} {dial.record}", "endpoint", dial.endpoint)
    yield Evidence(facts.host.name, f"{dial.way} {dial.record}", "kube-system UID behind it", dial.identity)
