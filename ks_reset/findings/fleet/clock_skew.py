"""The clock of a member is far from the host's: it refuses tokens, and valid leases look expired there."""

from collections.abc import Iterable

from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import Reads
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity, Urgency

SECONDS = 30

ABOUT = About(Group.CLUSTERS, "The clocks of members agree with the host's", Urgency.STOPS)
READS = Reads()


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.members:
        apart = cluster.skew - facts.host.skew
        if abs(apart) > SECONDS:
            way = "ahead of" if apart > 0 else "behind"
            yield Finding(
                id="clock-skew",
                severity=Severity.WARNING,
                title=f"The clock of {cluster.name} is {abs(apart):.0f} s {way} the host's",
                evidence=(Evidence(cluster.name, "API server", "Date", f"{apart:+.0f} s"),),
                next="The member may refuse the host's tokens, as not valid yet or not any more.",
                cure="Whoever runs the machines synchronizes their clocks (NTP) before you join this member; once that "
                "is done, ks-reset doctor does not name it any more.",
            )
