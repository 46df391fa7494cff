"""Webhooks of others with failurePolicy Fail and no backend, what they refuse, and how to get past them."""

from collections.abc import Iterable

from msgspec import Struct

from ks_reset import catalogue
from ks_reset.catalogue.names import WEBHOOK_KEYS
from ks_reset.facts.webhooks import called_service, has_endpoints, webhooks_of
from ks_reset.model import Body, ClusterFacts, Obj


class DeadWebhook(Struct, frozen=True):
    """One webhook of a configuration, and its Service, which has no ready address."""

    configuration: Obj
    hook: Body
    namespace: str
    service: str


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
