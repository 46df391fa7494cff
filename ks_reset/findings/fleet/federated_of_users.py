"""Federated objects in users' namespaces: what they spread stays after an uninstall, but nobody spreads it any more."""

from collections import Counter
from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.facts.crds import federated, own_objects
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    found = [o for o in own_objects(facts.host) if federated(o) and o.namespace]
    theirs = Counter(o.namespace for o in found if catalogue.system_namespace(o.namespace) is None)
    if theirs:
        yield Finding(
            id="federated-of-users",
            severity=Severity.INFO,
            title=f"{sum(theirs.values())} federated object(s) are in {len(theirs)} namespace(s) of users",
            evidence=tuple(
                Evidence(facts.host.name, f"Namespace {name}", "federated objects", str(count))
                for name, count in sorted(theirs.items())
            ),
            next="An uninstall removes them and keeps what they made on each cluster, as ordinary objects.",
            cure="Nothing to do; whoever changes such an object afterwards has to do so on each cluster.",
        )
