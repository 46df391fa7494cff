"""A certificate on the way to a cluster has run out, or will within thirty days: after that nobody reaches it.

KubeSphere warns seven days before (kubesphere v3.3.1, pkg/controller/cluster/cluster_controller.go,
updateKubeConfigExpirationDateCondition), and of the client certificate alone.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from ks_reset.model import Evidence, Facts, Finding, Options, Severity

SOON = timedelta(days=30)


def check(facts: Facts, _: Options) -> Iterable[Finding]:
    now = datetime.fromisoformat(facts.taken)
    for dial in (*facts.host.dials, *facts.host.connections):
        at, gap, which = dial.expires.partition(" ")
        if gap and datetime.fromisoformat(at) - now < SOON:
            over = datetime.fromisoformat(at) <= now
            where = f"{dial.way} {dial.record}"
            yield Finding(
                id="expired-certificate" if over else "expiring-certificate",
                severity=Severity.WARNING,
                title=f"The {which} of the {where} {'ran' if over else 'runs'} out on {at[:10]}",
                evidence=(Evidence(facts.host.name, where, f"{which}, not after", at),),
                next="After that the cluster cannot be reached through this record, and cannot be cleaned through it.",
                cure="Renew it before you start; what is left half-way on that cluster stays so until it is renewed.",
            )
