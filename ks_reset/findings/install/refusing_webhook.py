"""A webhook of another program has no backend and refuses what an installation creates: Pods above all.

Nothing else shows it: the workloads are created, and their Pods are not (istio v1.9, manifests/charts/istio-control/
istio-discovery/templates/mutatingwebhook.yaml: failurePolicy Fail on the creation of each Pod).
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import (
    ENDPOINTS_KEY,
    KUBESPHERE_NAMESPACE,
    METADATA_NAME_LABEL,
    NAMESPACE_KEY,
    SERVICE_KEY,
    WEBHOOK_KEYS,
)
from ks_reset.facts.dead_webhooks import DeadWebhook, dead_webhooks_of_others, way_past_webhook
from ks_reset.facts.webhooks import is_webhook_called
from ks_reset.findings.reads import Reads, each
from ks_reset.model import ClusterFacts, Evidence, ExternalAnswers, Finding, FleetFacts, Kind, Severity, Values

CREATED = tuple(
    Kind(group, "v1", kind, f"{kind.lower()}s", namespaced)
    for group, namespaced, kinds in (
        ("", True, ("Pod", "Service", "ConfigMap", "Secret", "ServiceAccount", "PersistentVolumeClaim")),
        ("apps", True, ("ReplicaSet", "Deployment", "StatefulSet", "DaemonSet")),
        ("batch", True, ("Job",)),
        ("", False, ("Namespace",)),
        ("apiextensions.k8s.io", False, ("CustomResourceDefinition",)),
        ("rbac.authorization.k8s.io", False, ("ClusterRole", "ClusterRoleBinding")),
        ("rbac.authorization.k8s.io", True, ("Role", "RoleBinding")),
    )
    for kind in kinds
)
"""The types of objects that each installation of KubeSphere creates, the Pods of its workloads first."""

READS = Reads(found_in=each(*WEBHOOK_KEYS), decided_by=each(ENDPOINTS_KEY, SERVICE_KEY, NAMESPACE_KEY))


def check(_: Values, facts: FleetFacts, __: ExternalAnswers) -> Iterable[Finding]:
    for cluster in facts.clusters:
        for dead in dead_webhooks_of_others(cluster):
            if refused := [kind.kind for kind in CREATED if _is_refused(cluster, dead, kind)]:
                configuration = dead.configuration
                what, service = ", ".join(refused), f"{dead.namespace}/{dead.service}"
                pods = "No Pod of KubeSphere would start." if "Pod" in refused else ""
                yield Finding(
                    id="refusing-webhook",
                    severity=Severity.WARNING,
                    title=f"{configuration.title} on {cluster.name} refuses each new {what} of KubeSphere",
                    evidence=(Evidence(cluster.name, configuration.title, "service", f"{service} has no endpoints"),),
                    next=pods or "The installation stops half-way.",
                    cure=f"{way_past_webhook(cluster, configuration)}.",
                )


def _is_refused(cluster: ClusterFacts, dead: DeadWebhook, kind: Kind) -> bool:
    """Whether it refuses the creation in one of KubeSphere's namespaces, those to be created included."""
    homes = [n for n in cluster.of(NAMESPACE_KEY) if catalogue.own_namespace_entry(n)]
    labels = [n.labels for n in homes if n.name != KUBESPHERE_NAMESPACE]
    core = cluster.get(NAMESPACE_KEY, KUBESPHERE_NAMESPACE)
    labels.append({METADATA_NAME_LABEL: KUBESPHERE_NAMESPACE, **(core.labels if core else {})})
    if not kind.namespaced and kind.kind != NAMESPACE_KEY:
        return is_webhook_called(dead.hook, kind, "CREATE", {}, None)
    own = kind.kind == NAMESPACE_KEY
    return any(is_webhook_called(dead.hook, kind, "CREATE", home if own else {}, home) for home in labels)
