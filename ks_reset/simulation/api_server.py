"""The API server's answer to a request: the object gone, or kept by finalizers, or the request refused."""

from ks_reset import seatbelt
from ks_reset.catalogue.names import (
    CRD_CLEANUP_FINALIZER,
    CRD_KEY,
    DEPLOYMENT_KEY,
    KUBE_SYSTEM_NAMESPACE,
    NAMESPACE_KEY,
    WEBHOOK_KEYS,
)
from ks_reset.facts import webhooks
from ks_reset.model import Body
from ks_reset.simulation.memo import remembered
from ks_reset.simulation.objects import SPEC, WIPED, Id, SimObject
from ks_reset.simulation.state import State

IMMORTAL = ("default", KUBE_SYSTEM_NAMESPACE, "kube-public")

FOREGROUND, ORPHAN = "foregroundDeletion", "orphan"
BACKGROUND = "Background"
"""The propagationPolicy of ks-reset, of kubectl and of the namespace controller."""


def after_deletion(subject: SimObject, policy: str = "") -> SimObject | None:
    """The object after an accepted DELETE: None without finalizers, else with a deletionTimestamp.

    A propagationPolicy replaces the finalizers of the garbage collector: Background takes both off, Foreground and
    Orphan leave their own alone. Without a policy those on the object stay, also in a second DELETE (kubernetes
    v1.24.17, staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go, shouldOrphanDependents,
    shouldDeleteDependents, deletionFinalizersForGarbageCollection). For a Namespace the first DELETE does the same, and
    a second one changes nothing while spec.finalizers has an entry (pkg/registry/core/namespace/storage/storage.go,
    Delete). The first DELETE of a CRD adds its clean-up finalizer
    (staging/src/k8s.io/apiextensions-apiserver/pkg/registry/customresourcedefinition/etcd.go).
    """
    finalizers = subject.finalizers
    if subject.deleting and any(f.startswith(SPEC) and f != WIPED for f in finalizers):
        return subject
    if policy:
        wanted = {"Foreground": (FOREGROUND,), "Orphan": (ORPHAN,)}.get(policy, ())
        others = tuple(f for f in finalizers if f not in (FOREGROUND, ORPHAN) or f in wanted)
        finalizers = others + tuple(f for f in wanted if f not in others)
    if subject.id.key == CRD_KEY and not subject.deleting and CRD_CLEANUP_FINALIZER not in finalizers:
        finalizers += (CRD_CLEANUP_FINALIZER,)
    return subject.with_fields(deleting=True, finalizers=finalizers) if finalizers else None


def after_release(subject: SimObject) -> SimObject | None:
    """The object after the removal of finalizers: None if it is being deleted and has none left.

    A Namespace with an empty spec.finalizers is deleted in the update that removes its last metadata finalizer
    (kubernetes v1.24.17, pkg/registry/core/namespace/storage/storage.go, ShouldDeleteNamespaceDuringUpdate).
    """
    remaining = [finalizer for finalizer in subject.finalizers if finalizer != WIPED]
    return None if subject.deleting and not remaining else subject


def reason_refused(state: State, subject: SimObject, operation: str = "DELETE") -> str:
    """Why the API server would refuse this operation on the object to every client; "" if it would not.

    Kubernetes' own namespaces: v1.24.17, staging/src/k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle and
    pkg/kubeapiserver/options/plugins.go. A webhook with failurePolicy Fail and a backend that does not answer:
    staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook/validating/dispatcher.go.
    """
    if operation == "DELETE" and (kept := _reason_kept(state, subject)):
        return kept
    if operation == "UPDATE" and is_homeless(state, subject):
        return f"the namespace {subject.id.namespace} does not exist, and the answer is 404"
    for place, hook in _refusing_webhooks(state, subject.id.cluster):
        labels = _namespace_labels(state, subject)
        if webhooks.is_webhook_called(hook, subject.kind, operation, dict(subject.labels), labels):
            return f"{place.title} has failurePolicy Fail and no backend that answers"
    return ""


def is_homeless(state: State, subject: SimObject) -> bool:
    """Whether its namespace is gone, where namespaces were read at all: see facts/homeless_objects.py."""
    cluster, _, namespace, _ = subject.id
    read = Id(cluster, NAMESPACE_KEY, "", KUBE_SYSTEM_NAMESPACE) in state.objects
    return bool(namespace) and read and Id(cluster, NAMESPACE_KEY, "", namespace) not in state.objects


def reason_survived(state: State, subject: SimObject) -> str:
    """Why the object would survive a DELETE of a controller or a person; "" if it would not.

    A webhook without a backend refuses only for now: they try again, and its backend may return. It counts in a
    shielded state alone.
    """
    return reason_refused(state, subject) if state.shielded else _reason_kept(state, subject)


def _reason_kept(state: State, subject: SimObject) -> str:
    if subject.id.key == NAMESPACE_KEY and subject.id.name in IMMORTAL:
        return "the API server never deletes this namespace"
    if subject.id.cluster in state.seatbelt_on and _is_under_seatbelt(state, subject):
        return "the seatbelt is on"
    return ""


def _is_under_seatbelt(state: State, subject: SimObject) -> bool:
    """Whether the seatbelt denies its deletion: the one that is there with its exceptions, else a supposed one."""
    world = state.cluster_facts(subject.id.cluster)
    belt = seatbelt.present(world)
    if belt:
        return seatbelt.keeps_object(world, belt, subject.obj)
    return seatbelt.denies_deletion(subject.obj, seatbelt.exceptions_of(world))


def may_shield(state: State, subject: SimObject) -> bool:
    """Whether a webhook refuses deletions of the object while its backend does not answer."""
    hooks = [hook for _, hook in _failing_webhooks(state, subject.id.cluster) if webhooks.called_service(hook)]
    labels = _namespace_labels(state, subject) if hooks else None
    return any(webhooks.is_webhook_called(h, subject.kind, "DELETE", dict(subject.labels), labels) for h in hooks)


@remembered(*WEBHOOK_KEYS, DEPLOYMENT_KEY)
def _refusing_webhooks(state: State, cluster: str) -> list[tuple[Id, Body]]:
    """The webhooks of a cluster with failurePolicy Fail and no backend, without a seatbelt's.

    A webhook with a URL is taken to answer: the facts do not say whether it does.
    """
    failing = _failing_webhooks(state, cluster)
    return [(place, hook) for place, hook in failing if not _has_backend(state, cluster, hook)]


@remembered(*WEBHOOK_KEYS)
def _failing_webhooks(state: State, cluster: str) -> list[tuple[Id, Body]]:
    """The webhooks of a cluster with failurePolicy Fail, without a seatbelt's."""
    hooks = [
        (configuration.id, hook)
        for key in WEBHOOK_KEYS
        for configuration in state.of_kind(key)
        if configuration.id.cluster == cluster and configuration.id.name != seatbelt.NAME
        for hook in webhooks.webhooks_of(configuration.obj)
    ]
    return [(place, hook) for place, hook in hooks if hook.get("failurePolicy", "Fail") == "Fail"]


def _has_backend(state: State, cluster: str, hook: Body) -> bool:
    """Whether a webhook's Service has an endpoint and a Deployment behind it has replicas in this state."""
    service = webhooks.called_service(hook)
    if service is None:
        return True
    world = state.cluster_facts(cluster)
    backends = [
        state.objects.get(Id(cluster, d.kind.key, d.namespace, d.name))
        for d in webhooks.backing_deployments(world, *service)
    ]
    if backends and not any(backend and backend.replicas > 0 for backend in backends):
        return False
    return webhooks.has_endpoints(world, *service)


def _namespace_labels(state: State, subject: SimObject) -> dict[str, str] | None:
    """The labels a namespaceSelector matches: a Namespace's own, or its namespace's; None for other objects."""
    if subject.id.key == NAMESPACE_KEY:
        return dict(subject.labels)
    namespace = state.objects.get(Id(subject.id.cluster, NAMESPACE_KEY, "", subject.id.namespace))
    return dict(namespace.labels) if namespace else None
