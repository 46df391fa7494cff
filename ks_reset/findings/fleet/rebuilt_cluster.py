"""The address of a record leads to another cluster than before: rebuilt, restored or moved, under the same name.

KubeSphere notes the UID of kube-system in status.uid of the Cluster at each sync (kubesphere v3.3.1,
pkg/controller/cluster/cluster_controller.go, syncCluster).
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import CLUSTER_KEY
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import CONNECTIONS, DIALS, Reads, host
from ks_reset.model import Dial, Evidence, Finding, FleetFacts, Options, Severity, Urgency

ABOUT = About(Group.CLUSTERS, "Records reach the clusters they were made for", Urgency.DATA)
READS = Reads(found_in=host(CLUSTER_KEY, DIALS, CONNECTIONS))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    uids = {o.name: str((o.body.get("status") or {}).get("uid", "")) for o in facts.host.of(CLUSTER_KEY)}
    for dial in (*facts.host.dials, *facts.host.connections):
        was = uids.get(dial.record, "")
        if dial.identity and was and dial.identity != was:
            yield _rebuilt_finding(facts.host.name, dial, was)


def _rebuilt_finding(host: str, dial: Dial, was: str) -> Finding:
    where = f"{dial.way} {dial.record}"
    return Finding(
        id="rebuilt-cluster",
        severity=Severity.CRITICAL,
        title=f"The {where} reaches another cluster than it was made for",
        evidence=(
            Evidence(host, where, "endpoint", dial.endpoint),
            Evidence(host, where, "kube-system UID behind it", dial.identity),
            Evidence(host, f"Cluster {dial.record}", "status.uid", was),
        ),
        next="kubefed creates there the objects of the old cluster, and deletes those it marked before.",
        cure=f"Forget the old cluster: ks-reset plan forget-member --members {dial.record} --out plan.json. Then join "
        f"the new one: ks-reset plan rejoin --join {dial.record}=FILE --out rejoin.json.",
    )
