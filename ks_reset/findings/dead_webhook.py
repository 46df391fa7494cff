"""A webhook of KubeSphere's whose backend is gone refuses or delays every request that it covers."""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.model import Evidence, Facts, Finding, Obj, Options, Severity, World

CONFIGURATIONS = (
    "ValidatingWebhookConfiguration.admissionregistration.k8s.io",
    "MutatingWebhookConfiguration.admissionregistration.k8s.io",
)


def check(facts: Facts, _: Options) -> Iterable[Finding]:
    for world in facts.worlds:
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


def _dead(world: World, obj: Obj) -> bool:
    services = [(w.get("clientConfig") or {}).get("service") or {} for w in obj.body.get("webhooks") or []]
    return any(s and not _ready(world, s.get("name", ""), s.get("namespace", "")) for s in services)


def _ready(world: World, name: str, namespace: str) -> bool:
    endpoints = world.get("Endpoints", name, namespace)
    return bool(endpoints and any(s.get("addresses") for s in endpoints.body.get("subsets") or []))


def _services(obj: Obj) -> str:
    found = [(w.get("clientConfig") or {}).get("service") or {} for w in obj.body.get("webhooks") or []]
    policies = {w.get("failurePolicy", "Fail") for w in obj.body.get("webhooks") or []}
    names = sorted({f"{s.get('namespace')}/{s.get('name')}" for s in found})
    return f"{', '.join(names)} has no ready endpoints; failurePolicy {', '.join(sorted(policies))}"
