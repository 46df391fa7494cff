"""Namespaces are to be bound, and a seatbelt refuses the deletion of canaries: they would prove nothing."""

from collections.abc import Iterable

from ks_reset import seatbelt
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity
from ks_reset.tenancy import canary
from ks_reset.tenancy.memberships import flocks


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        belt = seatbelt.found(cluster)
        names = [
            canary.name(workspace) for where, workspace in flocks(facts, options.material.memory) if where is cluster
        ]
        if belt and seatbelt.denies(cluster) and (protected := [name for name in names if name not in belt.spared]):
            yield Finding(
                id="seatbelt-keeps-canaries",
                severity=Severity.WARNING,
                title=f"The seatbelt of {cluster.name} refuses the deletion of canaries",
                evidence=tuple(
                    Evidence(cluster.name, o.title, seatbelt.SPARED, ",".join(belt.spared)) for o in belt.parts
                ),
                next=f"{', '.join(protected[:3])} would survive any danger, and could not be removed again.",
                cure="ks-reset protect off; rebind turns its own seatbelt on before anything else.",
            )
