"""A webhook of KubeSphere's whose backend is gone refuses or delays every request that it covers."""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.facts.webhooks import CONFIGURATIONS, has_endpoints, hooks, services
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for world in facts.clusters:
        own = [obj for key in CONFIGURATIONS for obj in world.of(key) if catalogue.webhook_proof(obj)]
        dead = [obj for obj in own if _dead(world, obj)]
        if dead:
            yield Finding(
                id="dead-webhook",
                severity=Severity.WARNING,
                title=f"{len(dead)} webhook configuration(s) of KubeSphere on {world.name} have no backend",
                evidence=tuple(Evidence(world.name, obj.title, "webhooks", _services(obj)) for obj in dead),
                next="With failurePolicy Fail the API server refuses every write they cover, finalizer patches too.",
                cure="ks-reset plan uninstall removes them before anything else is deleted.",
            )


def _dead(world: ClusterFacts, obj: Obj) -> bool:
    return any(not has_endpoints(world, *called) for called in services(obj))


def _services(obj: Obj) -> str:
    policies = sorted({hook.get("failurePolicy", "Fail") for hook in hooks(obj)})
    names = ", ".join(f"{namespace}/{name}" for namespace, name in sorted(services(obj)))
    return f"{names} has no ready endpoints; failurePolicy {', '.join(policies)}"
