"""A seatbelt is on, whole or in part: as long as it is, its users cannot delete what it protects."""

from collections.abc import Iterable

from ks_reset import seatbelt
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for world in facts.clusters:
        belt = seatbelt.found(world)
        if belt is None:
            continue
        whole = seatbelt.complete(world, belt)
        by_hand = belt.run == seatbelt.BY_HAND
        refuses = "The API server refuses deletions of users' namespaces, claims, volumes and types until it is off."
        yield Finding(
            id="seatbelt-left",
            severity=Severity.WARNING,
            title=f"The seatbelt of {world.name} is {'on' if whole else 'broken: on in part, or changed by somebody'}",
            evidence=tuple(
                Evidence(world.name, part.title, f"metadata.annotations[{seatbelt.RUN}]", f"{belt.run}, by {belt.by}")
                for part in belt.parts
            ),
            next=refuses if whole else "Nobody can rely on what it protects.",
            cure=f"ks-reset protect off{'' if by_hand else f' --force, unless the run of {belt.run} is still to end'}.",
        )
