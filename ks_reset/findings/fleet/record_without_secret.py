"""A KubeFedCluster without credentials: kubefed cannot reach its cluster, and no deletion ends.

kubefed v0.8.1, pkg/controller/sync/controller.go, ensureDeletion: for a cluster not ready the finalizer stays.
"""

from collections.abc import Iterable

from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import DIALS, Reads, host
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Reach, Severity, Urgency

ABOUT = About(Group.FEDERATION, "Records have credentials", Urgency.STOPS)
READS = Reads(found_in=host(DIALS))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for dial in facts.host.dials:
        if dial.reach is Reach.NO_SECRET:
            where = f"KubeFedCluster {dial.namespace}/{dial.record}"
            yield Finding(
                id="record-without-secret",
                severity=Severity.WARNING,
                title=f"The record {dial.record} has no credentials",
                evidence=(Evidence(facts.host.name, where, "spec.secretRef", dial.detail),),
                next="kubefed cannot reach that cluster; a federated object that is deleted stays in Terminating.",
                cure=f"Remove the record: ks-reset plan stale-record --record {dial.record} --out plan.json. If there "
                "is a Cluster of that name, its host joins it again then, with new credentials.",
            )
