"""A webhook of KubeSphere's without backend: it refuses or delays every request in its scope."""

from collections.abc import Iterable

from ks_reset.catalogue.names import DEPLOYMENT_KEY, ENDPOINTS_KEY, NAMESPACE_KEY, SERVICE_KEY, WEBHOOK_KEYS
from ks_reset.facts.dead_webhooks import Blast, OwnDeadWebhook, own_dead_webhooks
from ks_reset.facts.webhooks import called_services, webhooks_of
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import Reads, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency

ABOUT = About(Group.API, "KubeSphere's webhooks have a backend", Urgency.STOPS)
READS = Reads(
    found_in=each(*WEBHOOK_KEYS),
    decided_by=each(ENDPOINTS_KEY, SERVICE_KEY, NAMESPACE_KEY),
    worded_by=each(DEPLOYMENT_KEY),
)


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        if dead := own_dead_webhooks(cluster):
            yield Finding(
                id="dead-webhook",
                severity=Severity.WARNING,
                title=f"{len(dead)} webhook configuration(s) of KubeSphere on {cluster.name} have no backend",
                evidence=tuple(
                    Evidence(cluster.name, o.configuration.title, "webhooks", _services_text(o.configuration))
                    for o in dead
                ),
                next=_consequence(dead),
                cure=" ".join(_cures(cluster, dead)),
            )


def _consequence(dead: list[OwnDeadWebhook]) -> str:
    stops = "No Pod starts where one of them is asked. " if dead[0].blast is Blast.STOPS_PODS else ""
    return f"{stops}With failurePolicy Fail the API server refuses every write they cover, finalizer patches too."


def _cures(cluster: ClusterFacts, dead: list[OwnDeadWebhook]) -> Iterable[str]:
    """The playbook for those whose program is gone, and for each program that may come back one look at it."""
    kubectl = f"kubectl --context {cluster.context}"
    if gone := [own for own in dead if not own.stays]:
        yield f"{_names(gone)}: the program is gone. Such webhooks alone: ks-reset plan repair --out repair.json."
    awaited: dict[tuple[str, tuple[tuple[str, str], ...]], list[OwnDeadWebhook]] = {}
    for own in dead:
        if own.stays:
            awaited.setdefault((own.stays, own.services), []).append(own)
    for (why, services), group in awaited.items():
        looks = ", ".join(f"{kubectl} -n {space} get endpoints {name}" for space, name in services)
        yield f"{_names(group)}: {why}; well once {looks} shows an address."
    yield "ks-reset plan uninstall --out plan.json removes all of them before anything else is deleted."


def _names(dead: list[OwnDeadWebhook]) -> str:
    return ", ".join(dict.fromkeys(own.configuration.name for own in dead))


def _services_text(obj: Obj) -> str:
    policies = sorted({hook.get("failurePolicy", "Fail") for hook in webhooks_of(obj)})
    names = ", ".join(f"{namespace}/{name}" for namespace, name in sorted(called_services(obj)))
    return f"{names} has no ready endpoints; failurePolicy {', '.join(policies)}"
