"""Webhooks without a backend, KubeSphere's and others': what they refuse, and how to get past them."""

from collections.abc import Iterable
from enum import IntEnum

from msgspec import Struct

from ks_reset import catalogue
from ks_reset.catalogue.names import DEPLOYMENT_KEY, NAMESPACE_KEY, POD_KIND, REPLICAS_ANNOTATION, WEBHOOK_KEYS
from ks_reset.facts.controllers import replica_count
from ks_reset.facts.webhooks import (
    backing_deployments,
    called_service,
    called_services,
    has_endpoints,
    is_webhook_called,
    webhooks_of,
)
from ks_reset.model import Body, ClusterFacts, Obj


class DeadWebhook(Struct, frozen=True):
    """One webhook of a configuration, and its Service, which has no ready address."""

    configuration: Obj
    hook: Body
    namespace: str
    service: str


class Blast(IntEnum):
    """What a configuration without a backend does, the worst first."""

    STOPS_PODS = 0
    REFUSES = 1
    DELAYS = 2


class OwnDeadWebhook(Struct, frozen=True):
    """A configuration of KubeSphere's with a Service without a ready address, and the proof of its origin.

    `stays` says why nobody but a person should delete it; "" if its program is gone.
    """

    configuration: Obj
    services: tuple[tuple[str, str], ...]
    proof: str
    blast: Blast
    stays: str


def own_dead_webhooks(cluster: ClusterFacts) -> list[OwnDeadWebhook]:
    """Those of KubeSphere's, kubefed's and the extensions', the worst first.

    One whose program is only not ready stays: it may be about to start. But one that refuses its own program's Pods
    can never be answered again.
    """
    of_extension = catalogue.extensions_of(cluster).backend_proof
    found = [(o, catalogue.webhook_proof(o) or of_extension(o)) for key in WEBHOOK_KEYS for o in cluster.of(key)]
    dead = [own for obj, proof in found if proof and (own := _own_dead(cluster, obj, proof))]
    return sorted(dead, key=lambda own: (own.blast, own.configuration.title))


def _own_dead(cluster: ClusterFacts, configuration: Obj, proof: str) -> OwnDeadWebhook | None:
    called = sorted(called_services(configuration))
    dead = tuple(service for service in called if not has_endpoints(cluster, *service))
    if not dead:
        return None
    blast = blast_of(cluster, configuration)
    stays = next((why for service in dead if (why := _why_awaited(cluster, service, configuration))), "")
    if len(dead) < len(called) or any(called_service(hook) is None for hook in webhooks_of(configuration)):
        stays = "another backend of it answers"
    return OwnDeadWebhook(configuration, dead, proof, blast, stays)


def blast_of(cluster: ClusterFacts, configuration: Obj) -> Blast:
    """Whether the API server refuses new Pods for want of an answer, other writes, or only waits for the timeout."""
    closed = [hook for hook in webhooks_of(configuration) if hook.get("failurePolicy", "Fail") == "Fail"]
    homes = [namespace.labels for namespace in cluster.of(NAMESPACE_KEY)]
    if any(is_webhook_called(hook, POD_KIND, "CREATE", {}, home) for hook in closed for home in homes):
        return Blast.STOPS_PODS
    return Blast.REFUSES if closed else Blast.DELAYS


def _refuses_pods_of(cluster: ClusterFacts, configuration: Obj, deployment: Obj) -> bool:
    """Whether a webhook that fails closed is asked about the Pods of this Deployment."""
    home = cluster.get(NAMESPACE_KEY, deployment.namespace)
    labels = ((deployment.spec.get("template") or {}).get("metadata") or {}).get("labels") or {}
    closed = [hook for hook in webhooks_of(configuration) if hook.get("failurePolicy", "Fail") == "Fail"]
    return home is not None and any(is_webhook_called(h, POD_KIND, "CREATE", labels, home.labels) for h in closed)


def _why_awaited(cluster: ClusterFacts, service: tuple[str, str], configuration: Obj) -> str:
    """Why a backend may come back by itself; "" if no Deployment of it has replicas. Unread ones may have some.

    A program whose own Pods wait for the webhook's answer does not come back.
    """
    if DEPLOYMENT_KEY not in cluster.objects and cluster.gaps:
        return "the Deployments that may be behind it could not be read"
    for deployment in backing_deployments(cluster, *service):
        if REPLICAS_ANNOTATION in deployment.annotations:
            return f"a playbook has stopped {deployment.title}, and starts it again or takes the webhook along"
        count = replica_count(deployment)
        if count and not _refuses_pods_of(cluster, configuration, deployment):
            return f"{deployment.title} has {count} replica(s), and none is ready"
    return ""


def dead_webhooks_of_others(cluster: ClusterFacts) -> list[DeadWebhook]:
    """The webhooks that refuse each request they cover. One with a URL is taken to answer: facts do not tell.

    KubeSphere's own are left out; its playbooks remove them.
    """
    own = catalogue.extensions_of(cluster).backend_proof
    found = [obj for key in WEBHOOK_KEYS for obj in cluster.of(key)]
    configurations = [obj for obj in found if not (catalogue.webhook_proof(obj) or own(obj))]
    return [dead for configuration in configurations for dead in _dead_in(cluster, configuration)]


def way_past_webhook(cluster: ClusterFacts, configuration: Obj) -> str:
    """How to get past a configuration without a backend: its owner brings the backend back, or it goes, kept in a file.

    Kubernetes recommends the same for a broken webhook: kubernetes.io/docs/reference/access-authn-authz/
    extensible-admission-controllers, "failure policy".
    """
    kubectl = f"kubectl --context {cluster.context}"
    services = dict.fromkeys(service for hook in webhooks_of(configuration) if (service := called_service(hook)))
    dead = [service for service in services if not has_endpoints(cluster, *service)] or list(services)
    looks = ", ".join(f"{kubectl} -n {namespace} get endpoints {name}" for namespace, name in dead)
    named = f"{configuration.kind.resource} {configuration.name}"
    backends = ", ".join(f"{namespace}/{name}" for namespace, name in dead)
    return (
        f"Whoever runs {backends} brings it back; that is done when "
        f"{looks} shows an address. If it is gone for good, keep a copy of the configuration and remove it: "
        f"{kubectl} get {named} -o yaml > {configuration.name}.yaml && {kubectl} delete {named}"
    )


def _dead_in(cluster: ClusterFacts, configuration: Obj) -> Iterable[DeadWebhook]:
    for hook in webhooks_of(configuration):
        service = called_service(hook)
        if hook.get("failurePolicy", "Fail") == "Fail" and service and not has_endpoints(cluster, *service):
            yield DeadWebhook(configuration, hook, *service)
