"""Namespaces are to be bound, and a seatbelt refuses the deletion of canaries: they would prove nothing."""

from collections.abc import Iterable

from ks_reset import seatbelt
from ks_reset.catalogue.names import NAMESPACE_KEY, WORKSPACE_KEY, WORKSPACE_TEMPLATE_KEY
from ks_reset.findings.reads import Reads, anywhere, each
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity
from ks_reset.tenancy import canary
from ks_reset.tenancy.memberships import workspaces_needing_canaries

READS = Reads(found_in=anywhere(NAMESPACE_KEY, WORKSPACE_KEY, WORKSPACE_TEMPLATE_KEY), decided_by=each(*seatbelt.KINDS))


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        belt = seatbelt.present(cluster)
        names = [
            canary.canary_namespace(workspace)
            for where, workspace in workspaces_needing_canaries(facts, options.material.memory)
            if where is cluster
        ]
        if (
            belt
            and seatbelt.is_on(cluster)
            and (protected := [name for name in names if name not in belt.excepted_namespaces])
        ):
            yield Finding(
                id="seatbelt-keeps-canaries",
                severity=Severity.WARNING,
                title=f"The seatbelt of {cluster.name} refuses the deletion of canaries",
                evidence=tuple(
                    Evidence(cluster.name, o.title, seatbelt.EXCEPTED, ",".join(belt.excepted_namespaces))
                    for o in belt.parts
                ),
                next=f"{', '.join(protected[:3])} would survive any danger, and could not be removed again.",
                cure="Turn this seatbelt off: ks-reset protect off. rebind turns on its own before anything else, and "
                "that one lets canaries go.",
            )
