"""What could not be read is neither present nor absent, and nothing may be decided on it."""

from collections.abc import Iterable

from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for world in facts.clusters:
        if world.gaps:
            yield Finding(
                id="unreadable",
                severity=Severity.UNKNOWN,
                title=f"{len(world.gaps)} list(s) of {world.name} could not be read",
                evidence=tuple(Evidence(world.name, gap.what, "answer", gap.why) for gap in world.gaps),
                next="Whatever they hold stays unknown; every plan stops here, since unknown is not absent.",
                cure="Repair the API that does not answer, or ask for the permission that is missing, and look again.",
            )
