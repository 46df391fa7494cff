"""A seatbelt is on that no canary could die under, nor be taken away again, when namespaces are to be bound."""

from collections.abc import Iterable

from ks_reset import seatbelt
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity
from ks_reset.tenancy import canary
from ks_reset.tenancy.memberships import flocks


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for world in facts.clusters:
        belt = seatbelt.found(world)
        names = [
            canary.name(workspace) for where, workspace in flocks(facts, options.material.memory) if where is world
        ]
        if belt and seatbelt.denies(world) and (kept := [name for name in names if name not in belt.spared]):
            yield Finding(
                id="seatbelt-keeps-canaries",
                severity=Severity.WARNING,
                title=f"The seatbelt of {world.name} does not let a canary die",
                evidence=tuple(
                    Evidence(world.name, o.title, seatbelt.SPARED, ",".join(belt.spared)) for o in belt.parts
                ),
                next=f"{', '.join(kept[:3])} could not show any danger, and could not be taken away again.",
                cure="ks-reset protect off; rebind puts its own on before anything else.",
                blocks=("rebind",),
            )
