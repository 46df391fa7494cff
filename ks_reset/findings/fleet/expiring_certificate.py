"""A certificate on the way to a cluster has run out, or will within thirty days: after that nobody reaches it.

KubeSphere warns seven days before (kubesphere v3.3.1, pkg/controller/cluster/cluster_controller.go,
updateKubeConfigExpirationDateCondition), and of the client certificate alone.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from ks_reset.model import Dial, Evidence, Finding, FleetFacts, Options, Severity

SOON = timedelta(days=30)


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    now = datetime.fromisoformat(facts.taken)
    dials = [d for d in (*facts.host.dials, *facts.host.connections) if d.expires]
    at = {(d.way, d.record): datetime.fromisoformat(d.expires.partition(" ")[0]) for d in dials}
    over = [d for d in dials if at[d.way, d.record] <= now]
    soon = [d for d in dials if now < at[d.way, d.record] < now + SOON]
    if over:
        yield _finding(facts.host.name, "expired-certificate", "ran out", over)
    if soon:
        yield _finding(facts.host.name, "expiring-certificate", "will run out within thirty days", soon)


def _finding(host: str, rule: str, what: str, dials: list[Dial]) -> Finding:
    names = ", ".join(sorted({dial.record for dial in dials}))
    return Finding(
        id=rule,
        severity=Severity.WARNING,
        title=f"A certificate on the way to {names} {what}",
        evidence=tuple(_said(host, dial) for dial in sorted(dials, key=lambda dial: dial.expires)),
        next="After that the cluster cannot be reached through this record, and cannot be cleaned through it.",
        cure="Renew it before you start; what is left half-way on that cluster stays so until it is renewed.",
    )


def _said(host: str, dial: Dial) -> Evidence:
    at, _, which = dial.expires.partition(" ")
    return Evidence(host, f"{dial.way} {dial.record}", f"{which}, not after", at)
