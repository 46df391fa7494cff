"""A list that could not be read: its objects are neither present nor absent, and no decision may rest on them."""

from collections.abc import Iterable

from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        if cluster.gaps:
            yield Finding(
                id="unreadable",
                severity=Severity.UNKNOWN,
                title=f"{len(cluster.gaps)} list(s) of {cluster.name} could not be read",
                evidence=tuple(Evidence(cluster.name, gap.what, "answer", gap.why) for gap in cluster.gaps),
                next="The objects in them are unknown, and unknown is not absent: every plan stops here.",
                cure="Repair the API, or ask for the missing permission, then run ks-reset doctor again.",
            )
