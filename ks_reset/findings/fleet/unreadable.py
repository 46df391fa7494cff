"""A list that could not be read: its objects are neither present nor absent, and no decision may rest on them."""

from collections.abc import Iterable

from ks_reset.findings.mend import contexts, how_to_mend
from ks_reset.findings.reads import Reads
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity

READS = Reads()


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        if cluster.gaps:
            yield Finding(
                id="unreadable",
                severity=Severity.UNKNOWN,
                title=f"{len(cluster.gaps)} list(s) of {cluster.name} could not be read",
                evidence=tuple(Evidence(cluster.name, gap.what, "answer", gap.why) for gap in cluster.gaps),
                next="The objects in them are unknown, and unknown is not absent: every plan stops here.",
                cure=how_to_mend(contexts(facts), ((cluster.name, gap) for gap in cluster.gaps)),
            )
