"""Admission webhooks: the requests each is called for, its Service, and whether it has a backend."""

from collections.abc import Iterable

from ks_reset.catalogue.names import DEPLOYMENT_KEY, ENDPOINTS_KEY, SERVICE_KEY
from ks_reset.facts.label_selectors import selector_matches
from ks_reset.model import Body, ClusterFacts, Kind, Obj


def webhooks_of(configuration: Obj) -> list[Body]:
    """The webhooks of a webhook configuration."""
    return configuration.body.get("webhooks") or []


def called_service(hook: Body) -> tuple[str, str] | None:
    """Namespace and name of a webhook's Service; None for a webhook with a URL."""
    reference = (hook.get("clientConfig") or {}).get("service")
    return (str(reference.get("namespace", "")), str(reference.get("name", ""))) if reference else None


def called_services(configuration: Obj) -> set[tuple[str, str]]:
    """Namespaces and names of the Services called by a webhook configuration."""
    return {called for hook in webhooks_of(configuration) if (called := called_service(hook))}


def has_endpoints(cluster: ClusterFacts, namespace: str, name: str) -> bool:
    """Whether a Service has a ready address. True too if Endpoints could not be read: unknown is not absent.

    A Service of type ExternalName leads to a name outside, and nobody can tell (kubernetes v1.24.17,
    staging/src/k8s.io/apiserver/pkg/util/proxy/proxy.go, ResolveCluster).
    """
    service = cluster.get(SERVICE_KEY, name, namespace)
    if service and service.spec.get("type") == "ExternalName":
        return True
    if ENDPOINTS_KEY not in cluster.objects and cluster.gaps:
        return True
    endpoints = cluster.get(ENDPOINTS_KEY, name, namespace)
    return bool(endpoints and any(s.get("addresses") for s in endpoints.body.get("subsets") or []))


def backing_deployments(cluster: ClusterFacts, namespace: str, name: str) -> list[Obj]:
    """The Deployments with Pods selected by a Service; empty without the Service or a selector."""
    service_object = cluster.get(SERVICE_KEY, name, namespace)
    selector = (service_object.spec.get("selector") or {}) if service_object else {}
    if not selector:
        return []
    deployments = (d for d in cluster.of(DEPLOYMENT_KEY) if d.namespace == namespace)
    return [d for d in deployments if selector_matches({"matchLabels": selector}, _pod_labels(d))]


def is_webhook_called(
    hook: Body, kind: Kind, operation: str, labels: dict[str, str], home: dict[str, str] | None
) -> bool:
    """Whether the API server calls a webhook for an operation on an object; `home`: its namespace's labels, or None.

    Kubernetes v1.24.17, staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook/generic/webhook.go, ShouldCallHook.
    """
    if not any(_rule_covers(rule, kind, operation) for rule in hook.get("rules") or []):
        return False
    if home is not None and not selector_matches(hook.get("namespaceSelector"), home):
        return False
    return selector_matches(hook.get("objectSelector"), labels)


def _rule_covers(rule: Body, kind: Kind, operation: str) -> bool:
    scope = rule.get("scope", "*")
    return (
        _is_named(rule.get("operations"), operation)
        and _is_named(rule.get("apiGroups"), kind.group)
        and any(name in ("*", "*/*", kind.plural) for name in rule.get("resources") or [])
        and scope in ("*", "Namespaced" if kind.namespaced else "Cluster")
    )


def _is_named(names: Iterable[str] | None, wanted: str) -> bool:
    return any(name in ("*", wanted) for name in names or ())


def _pod_labels(deployment: Obj) -> dict[str, str]:
    template = deployment.spec.get("template") or {}
    return (template.get("metadata") or {}).get("labels") or {}
