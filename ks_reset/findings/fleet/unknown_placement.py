"""Federated objects are placed on a name without a record: the next cluster joined under it gets them all at once.

kubefed keeps an explicit list of names (kubefed v0.8.1, pkg/controller/util/placement.go, GetClusterNames).
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import KUBEFED_CLUSTER_KEY
from ks_reset.facts import federation
from ks_reset.facts.crds import is_federated, own_objects
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import OWN_TYPES, Reads, host
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity, Urgency
from ks_reset.simulation.by_hand import unplace_patch

ABOUT = About(Group.FEDERATION, "Placements name existing records", Urgency.REINSTALL)
READS = Reads(found_in=host(OWN_TYPES), decided_by=host(KUBEFED_CLUSTER_KEY))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    records = {record.name for record in facts.host.of(KUBEFED_CLUSTER_KEY)}
    named = [(o, sorted(federation.named_clusters(o) - records)) for o in own_objects(facts.host) if is_federated(o)]
    misplaced = [(o, names) for o, names in named if names]
    if misplaced:
        names = ", ".join(sorted({name for _, absent in misplaced for name in absent}))
        yield Finding(
            id="unknown-placement",
            severity=Severity.WARNING,
            title=f"{len(misplaced)} federated object(s) are placed on {names}, and no record has that name",
            evidence=tuple(
                Evidence(facts.host.name, o.title, "spec.placement.clusters", ", ".join(n)) for o, n in misplaced
            ),
            next="Any cluster joined under that name is given all of these objects.",
            cure="Before you join a cluster under that name, take the name out of spec.placement.clusters: "
            + "; ".join(unplace_patch(facts.host, obj, names) for obj, names in misplaced)
            + ".",
        )
