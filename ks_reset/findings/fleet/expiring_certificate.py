"""A certificate on the way to a cluster has expired, or expires within thirty days; then nobody reaches the cluster.

KubeSphere warns seven days before (kubesphere v3.3.1, pkg/controller/cluster/cluster_controller.go,
updateKubeConfigExpirationDateCondition), and of the client certificate alone.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import CONNECTIONS, DIALS, Reads, host
from ks_reset.model import Dial, Evidence, Finding, FleetFacts, Options, Severity, Urgency

SOON = timedelta(days=30)

ABOUT = About(Group.CLUSTERS, "Certificates are valid for thirty days", Urgency.STOPS)
READS = Reads(found_in=host(DIALS, CONNECTIONS))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    now = datetime.fromisoformat(facts.taken)
    dials = [d for d in (*facts.host.dials, *facts.host.connections) if d.expires]
    expiry = {(d.way, d.record): datetime.fromisoformat(d.expires.partition(" ")[0]) for d in dials}
    expired = [d for d in dials if expiry[d.way, d.record] <= now]
    expiring = [d for d in dials if now < expiry[d.way, d.record] < now + SOON]
    if expired:
        yield _certificate_finding(facts.host.name, "expired-certificate", "has expired", "Now", expired)
    if expiring:
        yield _certificate_finding(
            facts.host.name, "expiring-certificate", "expires within thirty days", "After that", expiring
        )


def _certificate_finding(host: str, rule: str, what: str, when: str, dials: list[Dial]) -> Finding:
    names = ", ".join(sorted({dial.record for dial in dials}))
    return Finding(
        id=rule,
        severity=Severity.WARNING,
        title=f"A certificate on the way to {names} {what}",
        evidence=tuple(_expiry(host, dial) for dial in sorted(dials, key=lambda dial: dial.expires)),
        next=f"{when} the cluster cannot be reached through this record, and cannot be cleaned through it.",
        cure="Whoever signs the certificate renews it, and the record gets the new one, before you start a run. A run "
        "that loses the cluster half-way continues there once that is done; then ks-reset doctor does not name it.",
    )


def _expiry(host: str, dial: Dial) -> Evidence:
    time, _, certificate = dial.expires.partition(" ")
    return Evidence(host, f"{dial.way} {dial.record}", f"{certificate}, not after", time)
