"""Federated objects in users' namespaces: their targets stay after an uninstall, and nobody updates them any more."""

from collections import Counter
from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.facts.crds import is_federated, own_objects
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import OWN_TYPES, Reads, host
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity, Urgency

ABOUT = About(Group.CONTENTS, "No federated object is in a namespace of users", Urgency.KNOW)
READS = Reads(found_in=host(OWN_TYPES))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    objects = [o for o in own_objects(facts.host) if is_federated(o) and o.namespace]
    counts = Counter(o.namespace for o in objects if catalogue.system_namespace(o.namespace) is None)
    if counts:
        yield Finding(
            id="federated-of-users",
            severity=Severity.INFO,
            title=f"{sum(counts.values())} federated object(s) are in {len(counts)} namespace(s) of users",
            evidence=tuple(
                Evidence(facts.host.name, f"Namespace {name}", "federated objects", str(count))
                for name, count in sorted(counts.items())
            ),
            next="An uninstall removes them and keeps their targets on each cluster, as ordinary objects.",
            cure="Nothing to do; later changes to such an object have to be made on each cluster.",
        )
