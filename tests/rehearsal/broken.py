"""States of one broken cluster, put on a real plane: each function makes one."""

from typing import Any

from ks_reset.catalogue.names import CONFIG_MAP_KIND, CRD_KIND, DEPLOYMENT_KIND, NAMESPACE_KIND, POD_KIND, SECRET_KIND
from ks_reset.cluster import Client, until
from ks_reset.errors import ResetError
from ks_reset.model import Kind

LOGGING, MONITORING = "kubesphere-logging-system", "kubesphere-monitoring-system"
REGISTRATION = "admissionregistration.k8s.io"
MUTATING = Kind(REGISTRATION, "v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", False)
VALIDATING = Kind(REGISTRATION, "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", False)
API_SERVICE = Kind("apiregistration.k8s.io", "v1", "APIService", "apiservices", False)
KEPT = {"kubernetes.io/ingress.class": "nginx"}
"""An annotation that a snapshot keeps in clear (ks_reset/credentials/data/fields.yaml)."""
META = {
    "labels": {"team": "tea", "kubesphere.io/managed": "true"},
    "annotations": KEPT | {"owner.example.com/phone": "7"},
}


def create(cluster: Client, kind: Kind, name: str, namespace: str = "", **fields: Any) -> None:
    meta = {"name": name, **({"namespace": namespace} if namespace else {}), **fields.pop("meta", {})}
    cluster.create(kind, {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": meta, **fields})


def namespace(cluster: Client, name: str) -> dict[str, Any]:
    return cluster.get(NAMESPACE_KIND, name) or {}


def delete_namespace(cluster: Client, name: str) -> None:
    cluster.delete(NAMESPACE_KIND, name, "", namespace(cluster, name)["metadata"]["uid"])


def wipe(cluster: Client, name: str) -> None:
    """What the hook of KubeSphere 4.1.1 sends: nothing but the name (config/ks-core/scripts/post-delete.sh)."""
    body = {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": name, "finalizers": None}}
    cluster.request("PUT", NAMESPACE_KIND.path("", name) + "/finalize", body)


def starts_pods(cluster: Client) -> bool:
    """Whether the API server takes a Pod, asked without effect."""
    pod = {"metadata": {"name": "try"}, "spec": {"containers": [{"name": "a", "image": "a"}]}}
    try:
        cluster.request("POST", POD_KIND.path("default") + "?dryRun=All", {"apiVersion": "v1", "kind": "Pod", **pod})
    except ResetError as error:
        if "webhook" not in str(error):
            raise
        return False
    return True


def hook(cluster: Client, kind: Kind, name: str, service: tuple[str, str], *rules: tuple[str, str, list[str]]) -> None:
    """A webhook that fails closed; a rule is an API group, a resource and the operations."""
    made = [{"apiGroups": [g], "apiVersions": ["v1"], "operations": ops, "resources": [r]} for g, r, ops in rules]
    client = {"service": {"namespace": service[0], "name": service[1], "path": "/ask"}}
    about = {"admissionReviewVersions": ["v1"], "sideEffects": "None", "timeoutSeconds": 1, "failurePolicy": "Fail"}
    create(
        cluster, kind, name, webhooks=[{"name": f"{name}.example.com", "clientConfig": client, "rules": made, **about}]
    )


def repairable(cluster: Client) -> None:
    """A wiped namespace, a webhook for every Pod without its program, and a deletion held by a gone controller."""
    wipe(cluster, "tea-house")
    hook(cluster, MUTATING, "side-cars", (LOGGING, "logsidecar-injector-admission"), ("", "pods", ["CREATE"]))
    held = {"finalizers": ["finalizers.kubesphere.io/credential"]}
    create(cluster, SECRET_KIND, "git-login", "kettle-ci", meta=held)
    delete_namespace(cluster, "kettle-ci")
    assert until(
        lambda: "deletionTimestamp" in (cluster.get(SECRET_KIND, "git-login", "kettle-ci") or {})["metadata"], 30
    )


def silent_metrics(cluster: Client) -> None:
    """An aggregated API of everybody's without its Service, and a namespace whose deletion waits for it."""
    spec = {"group": "metrics.k8s.io", "version": "v1beta1", "groupPriorityMinimum": 100, "versionPriority": 100}
    spec |= {"service": {"namespace": "kube-system", "name": "metrics-server"}, "insecureSkipTLSVerify": True}
    create(cluster, API_SERVICE, "v1beta1.metrics.k8s.io", spec=spec)
    create(cluster, NAMESPACE_KIND, "ebb")
    assert until(lambda: not _discovers(cluster), 30)
    delete_namespace(cluster, "ebb")


def _discovers(cluster: Client) -> bool:
    return not [gap for gap in cluster.discover().gaps if "metrics.k8s.io" in gap.what]


def held_by_others(cluster: Client) -> None:
    """Two deleted namespaces of users, one bound to a Workspace, that another operator's finalizer holds."""
    hold = {"finalizers": ["pier.example.net/hold"]}
    create(cluster, NAMESPACE_KIND, "amber-road", meta=hold | {"labels": {"kubesphere.io/workspace": "ws7"}})
    create(cluster, NAMESPACE_KIND, "bronze-road", meta=hold)
    for name in ("amber-road", "bronze-road"):
        delete_namespace(cluster, name)
    assert until(lambda: not namespace(cluster, "amber-road")["spec"], 30), "the namespace controller has emptied it"


def open_type(cluster: Client, name: str, kind: str, version: str, **more: Any) -> Kind:
    """A cluster-wide type with an open schema, served when it returns."""
    plural, _, group = name.partition(".")
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    served = [{"name": version, "served": True, "storage": True, "schema": schema}]
    names = {"kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": kind.lower()}
    create(
        cluster, CRD_KIND, name, spec={"group": group, "names": names, "scope": "Cluster", "versions": served, **more}
    )
    made = Kind(group, version, kind, plural, False)
    assert until(lambda: made.key in cluster.kinds(), 30)
    return made


def plain_monitoring(cluster: Client) -> None:
    """What each plain 3.3.1 has besides its core, with its namespace and users' data.

    With a Deployment of ks-controller-manager, so that the run has controllers to stop, and keeps a baseline.
    """
    labels = {"app": "ks-controller-manager"}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "manager", "image": "manager"}]}}
    running = {"replicas": 1, "selector": {"matchLabels": labels}, "template": pod}
    create(cluster, DEPLOYMENT_KIND, "ks-controller-manager", "kubesphere-system", spec=running)
    create(cluster, NAMESPACE_KIND, MONITORING)
    default_types(cluster)
    create(cluster, CONFIG_MAP_KIND, "prices", "default", data={"tea": "3"})


def default_types(cluster: Client) -> None:
    """A NotificationManager of its release with the webhook for it, the default category, and a type of dashboards.

    The chart notification-manager comes with each installation, host or member (ks-installer v3.3.1,
    roles/ks-monitor); ks-controller-manager makes the category at each start.
    """
    manager = open_type(cluster, "notificationmanagers.notification.kubesphere.io", "NotificationManager", "v2beta2")
    category = open_type(cluster, "helmcategories.application.kubesphere.io", "HelmCategory", "v1alpha1")
    open_type(cluster, "clusterdashboards.monitoring.kubesphere.io", "ClusterDashboard", "v1alpha2")
    release = {"meta.helm.sh/release-name": "notification-manager", "meta.helm.sh/release-namespace": MONITORING}
    labels = {"app": "notification-manager", "app.kubernetes.io/managed-by": "Helm"}
    create(
        cluster, manager, "notification-manager", meta={"labels": labels, "annotations": release}, spec={"replicas": 1}
    )
    hold = {"finalizers": ["helmcategories.application.kubesphere.io"]}
    create(cluster, category, "ctg-uncategorized", meta=hold, spec={"name": "uncategorized"})
    rule = ("notification.kubesphere.io", "receivers", ["CREATE", "UPDATE"])
    hook(cluster, VALIDATING, "notification-manager-validating", (MONITORING, "notification-manager-webhook"), rule)
