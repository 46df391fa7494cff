"""Applications of Argo CD, Kustomizations and HelmReleases of Flux whose deletion deletes what they applied.

Argo CD's controller deletes it all, in every cluster, for one of three finalizers (argo-cd v2.3.3 and v3.3.0,
pkg/apis/application/v1alpha1/application_defaults.go and types.go, CascadedDeletion). Flux does with its finalizer,
unless the object is suspended: kustomize-controller v1.9.4, internal/controller/kustomization_controller.go,
finalizerShouldDeleteResources; helm-controller v1.6.3, internal/controller/helmrelease_controller.go, reconcileDelete.
"""

from collections.abc import Iterator

from msgspec import Struct

from ks_reset.facts.gitops import (
    APPLICATION_KEY,
    FLUX,
    SUSPEND,
    applied_by_flux,
    applied_resources,
    flux_objects,
    is_own_title,
    manager_of,
)
from ks_reset.facts.given_up import is_given_up
from ks_reset.facts.shared_namespaces import SharedNamespaces
from ks_reset.model import ClusterFacts, Obj, Request

ARGO_FINALIZER, FLUX_FINALIZER = "resources-finalizer.argocd.argoproj.io", "finalizers.fluxcd.io"
DELETING = ("Delete", "WaitForTermination")
ELSEWHERE = "all it applied in the cluster of its spec.kubeConfig"


class Cascade(Struct, frozen=True):
    """An object, the program deleting others with it, and the titles of these.

    `finalizer` asks for it; `stop` is the command to have only the object deleted, "" for none but the removal of the
    finalizer.
    """

    obj: Obj
    program: str
    finalizer: str
    resources: tuple[str, ...]
    stop: str = ""


def cascades_given_up(cluster: ClusterFacts, request: Request) -> list[Cascade]:
    """Those given up by a request, with the titles not KubeSphere's among theirs.

    A namespace deleted whole ends the controller and its objects in any order.
    """
    going = SharedNamespaces(cluster, request)
    found = [*_applications(cluster), *_of_flux(cluster)]
    return [cascade for cascade in found if is_given_up(cascade.obj, request) or going.goes(cascade.obj)]


def _applications(cluster: ClusterFacts) -> Iterator[Cascade]:
    for application in cluster.of(APPLICATION_KEY):
        finalizers = [f for f in application.finalizers if f.partition("/")[0] == ARGO_FINALIZER]
        titles = tuple(title for title in applied_resources(application) if not is_own_title(cluster, title))
        if finalizers and titles:
            yield Cascade(application, "Argo CD", finalizers[0], titles)


def _of_flux(cluster: ClusterFacts) -> Iterator[Cascade]:
    applied = applied_by_flux(cluster)
    for owner in flux_objects(cluster):
        titles = [title for title in applied.get(owner.title, []) if not is_own_title(cluster, title)]
        titles += [ELSEWHERE] if owner.spec.get("kubeConfig") else []
        if titles and FLUX_FINALIZER in owner.finalizers and _deletes_along(owner):
            stop = manager_of(owner, SUSPEND).stop_command(cluster)
            yield Cascade(owner, "Flux", FLUX_FINALIZER, tuple(titles), stop)


def _deletes_along(owner: Obj) -> bool:
    """Whether Flux deletes what a Kustomization or HelmRelease applied; a Kustomization says so itself."""
    if owner.spec.get("suspend"):
        return False
    policy = owner.spec.get("deletionPolicy") or "MirrorPrune"
    is_release = owner.kind.key == FLUX["helm.toolkit.fluxcd.io"]
    return is_release or policy in DELETING or (policy == "MirrorPrune" and owner.spec.get("prune") is not False)
