"""A seatbelt is on, complete or in part: users cannot delete the objects under it."""

from collections.abc import Iterable

from ks_reset import seatbelt
from ks_reset.findings.reads import Reads, each
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity

READS = Reads(decided_by=each(*seatbelt.KINDS))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        belt = seatbelt.present(cluster)
        if belt is None:
            continue
        complete = seatbelt.is_complete(cluster, belt)
        state = "on" if complete else "broken: on in part, or changed by somebody"
        force = "" if belt.run == seatbelt.BY_HAND else f" --force, unless the run of {belt.run} is still to finish"
        refuses = "The API server refuses deletions of users' namespaces, claims, volumes and types until it is off."
        yield Finding(
            id="seatbelt-left",
            severity=Severity.WARNING,
            title=f"The seatbelt of {cluster.name} is {state}",
            evidence=tuple(
                Evidence(cluster.name, part.title, f"metadata.annotations[{seatbelt.RUN}]", f"{belt.run}, by {belt.by}")
                for part in belt.parts
            ),
            next=refuses if complete else "Objects under it may be deleted all the same.",
            cure=f"ks-reset protect off{force}.",
        )
