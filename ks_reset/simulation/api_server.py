"""What the API server makes of a request: gone at once, marked and held by finalizers, or refused."""

from ks_reset import seatbelt
from ks_reset.facts import webhooks
from ks_reset.model import Body
from ks_reset.simulation.objects import Id, SimObject
from ks_reset.simulation.state import CRD, State

IMMORTAL = ("default", "kube-system", "kube-public")
CLEANUP = "customresourcecleanup.apiextensions.k8s.io"
FOREGROUND, ORPHAN = "foregroundDeletion", "orphan"


def deleted(each: SimObject, policy: str = "Background") -> SimObject | None:
    """The thing after an accepted DELETE: None without finalizers, else marked.

    Foreground and Orphan each add a finalizer for the garbage collector (kubernetes v1.24.17,
    staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go, deletionFinalizersForGarbageCollection); a
    CRD gets its clean-up finalizer (staging/src/k8s.io/apiextensions-apiserver/pkg/registry/customresourcedefinition).
    """
    added: tuple[str, ...] = {"Foreground": (FOREGROUND,), "Orphan": (ORPHAN,)}.get(policy, ())
    if each.id.key == CRD:
        added += (CLEANUP,)
    held = each.finalizers + tuple(f for f in added if f not in each.finalizers)
    return each.but(deleting=True, finalizers=held) if held else None


def released(each: SimObject) -> SimObject | None:
    """The thing after finalizers went: None if it was only waiting for them."""
    return None if each.deleting and not each.finalizers else each


def refusal(state: State, each: SimObject, operation: str = "DELETE") -> str:
    """Why the API server would refuse this operation on the thing, whoever asks; or "".

    Kubernetes' own namespaces: v1.24.17, staging/src/k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle and
    pkg/kubeapiserver/options/plugins.go. A webhook with failurePolicy Fail whose backend does not answer:
    staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook/validating/dispatcher.go.
    """
    if operation == "DELETE" and each.id.key == "Namespace" and each.id.name in IMMORTAL:
        return "the API server never deletes this namespace"
    if operation == "DELETE" and each.id.cluster in state.belted and seatbelt.denies_deletion(each.obj):
        return "the seatbelt is on"
    for place, hook in dead_hooks(state, each.id.cluster):
        if webhooks.covers(hook, each.kind, operation, dict(each.labels), _home(state, each)):
            return f"{place.title} has failurePolicy Fail and no backend that answers"
    return ""


def dead_hooks(state: State, cluster: str) -> list[tuple[Id, Body]]:
    """The webhooks of a cluster that refuse what they cover, since nobody answers; not those of a seatbelt.

    Whether a URL answers is not known from here: it is taken to.
    """
    found = [
        each for key in webhooks.CONFIGURATIONS for each in state.by_key.get(key, ()) if each.id.cluster == cluster
    ]
    pairs = [(each.id, hook) for each in found if each.id.name != seatbelt.NAME for hook in webhooks.hooks(each.obj)]
    return [(i, h) for i, h in pairs if h.get("failurePolicy", "Fail") == "Fail" and not _answers(state, cluster, h)]


def _answers(state: State, cluster: str, hook: Body) -> bool:
    """Whether a webhook has a backend: its Service has an address, and no Deployment behind it was stopped since."""
    called = webhooks.service(hook)
    if called is None:
        return True
    world = state.world(cluster)
    behind = [state.things.get(Id(cluster, d.kind.key, d.namespace, d.name)) for d in webhooks.backends(world, *called)]
    if behind and not any(each and each.replicas > 0 for each in behind):
        return False
    return webhooks.has_endpoints(world, *called)


def _home(state: State, each: SimObject) -> dict[str, str] | None:
    """The labels that a namespaceSelector looks at: a Namespace's own, or those of the object's namespace."""
    if each.id.key == "Namespace":
        return dict(each.labels)
    home = state.things.get(Id(each.id.cluster, "Namespace", "", each.id.namespace))
    return dict(home.labels) if home else None
