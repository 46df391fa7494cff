"""Remove what helm releases of KubeSphere 4's extensions hold outside of KubeSphere's namespaces.

No helm uninstall, and so none of the chart's hooks: the record of a release goes with its namespace. Webhooks,
aggregated APIs, rights and types have steps of their own.
"""

import shlex
from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import (
    API_SERVICE_KEY,
    CRD_KEY,
    HELM_RELEASE_NAMESPACE_ANNOTATION,
    HORIZONTAL_POD_AUTOSCALER_KEY,
    INSTALL_PLAN_KEY,
    KUBE_SYSTEM_NAMESPACE,
    METRICS_GROUP,
    NAMESPACE_KEY,
    RBAC_GROUP,
    WEBHOOK_KEYS,
    WORKLOAD_KEYS,
)
from ks_reset.catalogue.ownership import NEVER_DELETED
from ks_reset.facts.given_up import discard_key
from ks_reset.facts.kept import discarded_types
from ks_reset.facts.named_classes import user_of
from ks_reset.model import ClusterFacts, Obj, Request, Skipped
from ks_reset.steps.step import Removal, Step, StepContext

METRICS = {
    METRICS_GROUP: ("Resource", "ContainerResource"),
    f"custom.{METRICS_GROUP}": ("Pods", "Object"),
    f"external.{METRICS_GROUP}": ("External",),
}
"""The sources of an autoscaler's metrics, by API group (kubernetes v1.24.17,
staging/src/k8s.io/api/autoscaling/v2/types.go, MetricSourceType)."""
STAYS = (NAMESPACE_KEY, CRD_KEY, *NEVER_DELETED)
"""Types whose objects stay, even those of a release: they hold what users made."""


def remove_extensions(cluster: ClusterFacts, context: StepContext) -> Iterable[Removal | Skipped]:
    """The other objects of these releases, and the reasons why some stay."""
    extensions = catalogue.extensions_of(cluster)
    for obj in cluster.all():
        inside = catalogue.is_own_group(obj.kind.group) or catalogue.own_namespace(cluster, obj.namespace)
        if inside or obj.owners or not extensions.release_of(obj):
            continue
        reason, choosable = reason_to_stay(cluster, obj), _is_choosable(obj)
        if reason and not (choosable and _is_discarded(obj, context.request)):
            way = _way_to_discard(obj) if choosable else ""
            yield Skipped(cluster.name, obj.title, f"keeps {HELM_RELEASE_NAMESPACE_ANNOTATION}: {reason}{way}")
        elif not _goes_elsewhere(obj):
            yield Removal(obj, extensions.proof(obj) or "given up, and marked as an extension's (--discard)")
    yield from _releases_elsewhere(cluster)


def _way_to_discard(obj: Obj) -> str:
    return f". To delete it too: ks-reset plan uninstall --discard {shlex.quote(discard_key(obj))} --out plan.json"


def reason_to_stay(cluster: ClusterFacts, obj: Obj) -> str:
    """Why an object with the annotations of such a release stays; "" if it goes."""
    group = str(obj.spec.get("group", ""))
    if obj.kind.key == CRD_KEY and catalogue.is_own_group(group):
        return ""
    if obj.kind.key in STAYS:
        return "users may have objects of this type, or in it, and ks-reset deletes none of others"
    if reason := catalogue.extensions_of(cluster).reason_kept(obj):
        return reason
    if program := _program_beside(cluster, obj):
        return f"{program.title}, which stays, may be reached or watched by it"
    user = user_of(cluster, obj)
    return f"{user} names it" if user else ""


def _program_beside(cluster: ClusterFacts, obj: Obj) -> Obj | None:
    """A workload of an extension's release in the namespace of this Service or monitor; such a workload stays."""
    if not obj.namespace or obj.kind.group == RBAC_GROUP:
        return None
    extensions, workloads = catalogue.extensions_of(cluster), (w for key in WORKLOAD_KEYS for w in cluster.of(key))
    return next((w for w in workloads if w.namespace == obj.namespace and extensions.release_of(w)), None)


def _goes_elsewhere(obj: Obj) -> bool:
    """Whether another step decides about an object of this type."""
    return obj.kind.group == RBAC_GROUP or obj.kind.key in (*WEBHOOK_KEYS, API_SERVICE_KEY, CRD_KEY)


def _is_choosable(obj: Obj) -> bool:
    """Whether --discard may let an object go that stays otherwise: none in users' namespaces, none with data."""
    stays = obj.kind.key in STAYS or _goes_elsewhere(obj)
    return not stays and obj.namespace in ("", KUBE_SYSTEM_NAMESPACE)


def _is_discarded(obj: Obj, request: Request) -> bool:
    """Whether --discard names the object itself or its type; a namespace alone does not count."""
    return discard_key(obj) in request.discard or obj.kind.resource in discarded_types(request)


def _releases_elsewhere(cluster: ClusterFacts) -> Iterable[Skipped]:
    """The namespaces that are not KubeSphere's, in which an InstallPlan put an extension: it stays there.

    kubesphere v4.1.3, pkg/controller/core/installplan_controller.go: ExtensionVersion spec.namespace.
    """
    for plan in cluster.of(INSTALL_PLAN_KEY):
        status = plan.body.get("status") or {}
        home, release = str(status.get("targetNamespace", "")), str(status.get("releaseName", ""))
        if home and release and not catalogue.own_namespace(cluster, home):
            why = (
                f"the extension {plan.name} stays in it: nothing proves that KubeSphere made the namespace. To take it "
                f"off: helm uninstall {release} --namespace {home} --kube-context {cluster.context}"
            )
            yield Skipped(cluster.name, f"Namespace {home}", why)


def autoscalers_without_metrics(cluster: ClusterFacts, api: Obj) -> Iterable[Skipped]:
    """The users' autoscalers that read the metrics of an aggregated API which goes with its extension.

    Without metrics they keep the number of replicas (kubernetes v1.24.17, pkg/controller/podautoscaler/horizontal.go).
    """
    sources = METRICS.get(str(api.spec.get("group", "")), ())
    for scaler in cluster.of(HORIZONTAL_POD_AUTOSCALER_KEY) if sources else ():
        read = {metric.get("type") for metric in scaler.spec.get("metrics") or [{"type": "Resource"}]}
        if read & {*sources} and not catalogue.own_namespace(cluster, scaler.namespace):
            why = (
                f"it stays, and scales no more: {api.name} goes with its extension. After the uninstall install "
                "another program that serves it"
            )
            yield Skipped(cluster.name, scaler.title, why)


REMOVE_EXTENSIONS = Step(
    "remove-extensions",
    "Nothing of a release outside of its namespace goes with that namespace.",
    after=("prove-quiet", "remove-tenants"),
    removes=remove_extensions,
)
