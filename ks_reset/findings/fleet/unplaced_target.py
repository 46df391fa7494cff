"""A managed object on a cluster where its federated object is not placed: kubefed deletes it as soon as it runs.

kubefed v0.8.1, pkg/controller/sync/controller.go, syncToClusters.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.facts import federation
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity

MANAGED = "kubefed.io/managed"


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for world in facts.clusters:
        here = federation.records_of(facts, world)
        found = [o for o in _unplaced(facts, world, here) if not catalogue.own_group(o.kind.group)] if here else []
        if found:
            yield Finding(
                id="unplaced-target",
                severity=Severity.CRITICAL,
                title=f"{len(found)} object(s) of users on {world.name} are kubefed's, and not placed there",
                evidence=tuple(Evidence(world.name, o.title, f"metadata.labels[{MANAGED}]", "true") for o in found),
                next="kubefed deletes them here as soon as it runs.",
                cure="If they should stay, place them here (spec.placement) or take the label off; see explain.",
            )


def _unplaced(facts: FleetFacts, world: ClusterFacts, here: frozenset[str]) -> Iterable[Obj]:
    for target in federation.targets(facts.host):
        there = world.get(target.key, target.name, target.namespace)
        if there and there.labels.get(MANAGED) == "true" and not federation.placement(facts.host, target) & here:
            yield there
