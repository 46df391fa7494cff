"""Federated objects placed on a cluster that no record has: the next join under that name gets them all at once.

An explicit list of names is kept as it is (kubefed v0.8.1, pkg/controller/util/placement.go, GetClusterNames).
"""

from collections.abc import Iterable

from ks_reset.facts import federation
from ks_reset.facts.crds import federated, own_objects
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    records = {record.name for record in facts.host.of(federation.RECORD)}
    found = [(o, sorted(federation.named(o) - records)) for o in own_objects(facts.host) if federated(o)]
    lost = [(o, names) for o, names in found if names]
    if lost:
        names = ", ".join(sorted({name for _, each in lost for name in each}))
        yield Finding(
            id="unknown-placement",
            severity=Severity.WARNING,
            title=f"{len(lost)} federated object(s) are placed on {names}, which no record has",
            evidence=tuple(
                Evidence(facts.host.name, o.title, "spec.placement.clusters", ", ".join(n)) for o, n in lost
            ),
            next="A cluster that is joined under that name is given all of these, whichever cluster it is.",
            cure="Do not join under that name before these placements are right (kubectl edit).",
        )
