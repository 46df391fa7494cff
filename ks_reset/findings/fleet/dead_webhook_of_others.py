"""A webhook of another program has no backend: it refuses each request it covers, some of the playbooks' among them.

Kubernetes v1.24.17, staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook/validating/dispatcher.go: with
failurePolicy Fail, a call that fails is a refusal.
"""

from collections.abc import Iterable
from itertools import groupby

from ks_reset.catalogue.names import ENDPOINTS_KEY, NAMESPACE_KEY, SERVICE_KEY, WEBHOOK_KEYS
from ks_reset.facts.dead_webhooks import DeadWebhook, dead_webhooks_of_others, way_past_webhook
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import Reads, each
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity, Urgency

ABOUT = About(Group.API, "Webhooks of other programs have a backend", Urgency.STOPS)
READS = Reads(found_in=each(*WEBHOOK_KEYS), decided_by=each(ENDPOINTS_KEY, SERVICE_KEY, NAMESPACE_KEY))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        for configuration, group in groupby(dead_webhooks_of_others(cluster), key=lambda dead: dead.configuration):
            dead = list(group)
            services = ", ".join(dict.fromkeys(f"{d.namespace}/{d.service}" for d in dead))
            yield Finding(
                id="dead-webhook-of-others",
                severity=Severity.WARNING,
                title=f"{configuration.title} on {cluster.name} calls {services}, which has no ready endpoints",
                evidence=tuple(Evidence(cluster.name, configuration.title, "rules", covered_text(d)) for d in dead),
                next="With failurePolicy Fail the API server refuses each of these requests, whoever sends it; a "
                "playbook that sends one cannot be planned.",
                cure=f"{way_past_webhook(cluster, configuration)}.",
            )


def covered_text(dead: DeadWebhook) -> str:
    """`CREATE, UPDATE of namespaces; CREATE of pods`."""
    return "; ".join(
        f"{', '.join(rule.get('operations') or [])} of {', '.join(rule.get('resources') or [])}"
        for rule in dead.hook.get("rules") or []
    )
