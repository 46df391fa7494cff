"""A federated object of a user's whose target is missing where it is placed: its content lives in the template alone.

Deleting the federated object would then lose it. That happens when kubefed was stopped between the deletion and the
re-creation of a target (kubefed v0.8.1, pkg/controller/sync/controller.go).
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.facts import federation
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Options, Severity


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for target in federation.targets(facts.host):
        group = target.key.partition(".")[2]
        if catalogue.own_group(group) or catalogue.system_namespace(target.namespace or target.name):
            continue
        chosen = federation.placement(facts.host, target)
        for world in facts.clusters:
            if chosen & federation.records_of(facts, world) and _absent(world, target):
                yield _finding(world, target)


def _absent(world: ClusterFacts, target: federation.Target) -> bool:
    return target.key in world.kinds and world.get(target.key, target.name, target.namespace) is None


def _finding(world: ClusterFacts, target: federation.Target) -> Finding:
    where = f"{target.namespace}/{target.name}".lstrip("/")
    return Finding(
        id="absent-target",
        severity=Severity.CRITICAL,
        title=f"{target.key} {where} is placed on {world.name} and is not there",
        evidence=(Evidence("host", target.source.title, "spec.placement", world.name),),
        next="Its content is kept in the federated object alone; removing kubefed's objects would lose it.",
        cure="Run ks-reset plan stale-record if two records reach one cluster; else start kubefed until it is there.",
    )
