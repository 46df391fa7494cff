"""A webhook of KubeSphere's without backend: it refuses or delays every request in its scope."""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import ENDPOINTS_KEY, NAMESPACE_KEY, SERVICE_KEY, WEBHOOK_KEYS
from ks_reset.facts.webhooks import called_services, has_endpoints, webhooks_of
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import Reads, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency

ABOUT = About(Group.API, "KubeSphere's webhooks have a backend", Urgency.STOPS)
READS = Reads(found_in=each(*WEBHOOK_KEYS), decided_by=each(ENDPOINTS_KEY, SERVICE_KEY, NAMESPACE_KEY))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        of_extension = catalogue.extensions_of(cluster).backend_proof
        found = [obj for key in WEBHOOK_KEYS for obj in cluster.of(key)]
        own = [obj for obj in found if catalogue.webhook_proof(obj) or of_extension(obj)]
        dead = [obj for obj in own if _lacks_backend(cluster, obj)]
        if dead:
            yield Finding(
                id="dead-webhook",
                severity=Severity.WARNING,
                title=f"{len(dead)} webhook configuration(s) of KubeSphere on {cluster.name} have no backend",
                evidence=tuple(Evidence(cluster.name, obj.title, "webhooks", _services_text(obj)) for obj in dead),
                next="With failurePolicy Fail the API server refuses every write they cover, finalizer patches too.",
                cure="ks-reset plan uninstall -o plan.json removes them before anything else is deleted.",
            )


def _lacks_backend(cluster: ClusterFacts, obj: Obj) -> bool:
    return any(not has_endpoints(cluster, *called) for called in called_services(obj))


def _services_text(obj: Obj) -> str:
    policies = sorted({hook.get("failurePolicy", "Fail") for hook in webhooks_of(obj)})
    names = ", ".join(f"{namespace}/{name}" for namespace, name in sorted(called_services(obj)))
    return f"{names} has no ready endpoints; failurePolicy {', '.join(policies)}"
