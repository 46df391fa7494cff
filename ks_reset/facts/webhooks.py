"""Admission webhooks: what each covers, and whether anybody answers there."""

from collections.abc import Iterable

from ks_reset.catalogue.names import DEPLOYMENT_KEY, ENDPOINTS_KEY, SERVICE_KEY, WEBHOOK_KEYS
from ks_reset.facts.label_selectors import selects
from ks_reset.model import Body, ClusterFacts, Kind, Obj

CONFIGURATIONS = WEBHOOK_KEYS


def hooks(configuration: Obj) -> list[Body]:
    return configuration.body.get("webhooks") or []


def service(hook: Body) -> tuple[str, str] | None:
    """Namespace and name of the Service that a webhook calls; None for one that calls a URL."""
    found = (hook.get("clientConfig") or {}).get("service")
    return (str(found.get("namespace", "")), str(found.get("name", ""))) if found else None


def services(configuration: Obj) -> set[tuple[str, str]]:
    return {found for hook in hooks(configuration) if (found := service(hook))}


def has_endpoints(cluster: ClusterFacts, namespace: str, name: str) -> bool:
    """Whether a Service has a ready address. Also True where Endpoints could not be read: unknown is not absent."""
    if "Endpoints" not in cluster.objects and cluster.gaps:
        return True
    endpoints = cluster.get(ENDPOINTS_KEY, name, namespace)
    return bool(endpoints and any(s.get("addresses") for s in endpoints.body.get("subsets") or []))


def backends(cluster: ClusterFacts, namespace: str, name: str) -> list[Obj]:
    """The Deployments whose Pods the Service selects."""
    found = cluster.get(SERVICE_KEY, name, namespace)
    selector = (found.spec.get("selector") or {}) if found else {}
    if not selector:
        return []
    here = (d for d in cluster.of(DEPLOYMENT_KEY) if d.namespace == namespace)
    return [d for d in here if selects({"matchLabels": selector}, _pod_labels(d))]


def covers(hook: Body, kind: Kind, operation: str, labels: dict[str, str], home: dict[str, str] | None) -> bool:
    """Whether a webhook is asked about an operation on an object; `home` are its namespace's labels, if it has one.

    Kubernetes v1.24.17, staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook/generic/webhook.go, ShouldCallHook.
    """
    if not any(_rule_covers(rule, kind, operation) for rule in hook.get("rules") or []):
        return False
    if home is not None and not selects(hook.get("namespaceSelector"), home):
        return False
    return selects(hook.get("objectSelector"), labels)


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
