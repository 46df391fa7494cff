"""Argo CD's Applications and Flux' Kustomizations and HelmReleases with objects of KubeSphere's among theirs."""

from collections.abc import Iterable

from msgspec import Struct

from ks_reset import catalogue
from ks_reset.catalogue.names import CRD_KEY, NAMESPACE_KEY
from ks_reset.facts.given_up import is_given_up
from ks_reset.facts.shared_namespaces import SharedNamespaces
from ks_reset.model import ClusterFacts, Obj, Request

APPLICATION_KEY = "Application.argoproj.io"
CASCADE = "resources-finalizer.argocd.argoproj.io"
FLUX = {
    "kustomize.toolkit.fluxcd.io": "Kustomization.kustomize.toolkit.fluxcd.io",
    "helm.toolkit.fluxcd.io": "HelmRelease.helm.toolkit.fluxcd.io",
}
"""The domain of the labels `…/name` and `…/namespace` on each object, with the type of the object that they name."""


class Cascade(Struct, frozen=True):
    """An Application with the finalizer for which its resources are deleted with it; `resources` are their titles."""

    application: Obj
    finalizer: str
    resources: tuple[str, ...]


class Manager(Struct, frozen=True):
    """What applies objects again and again, with the merge patch that stops it."""

    title: str
    resource: str
    namespace: str
    name: str
    patch: str

    def stop_command(self, cluster: ClusterFacts) -> str:
        """The command of kubectl that stops it."""
        named = f"{self.resource} {self.name} --type=merge -p '{self.patch}'"
        return f"kubectl --context {cluster.context} -n {self.namespace} patch {named}"


def gitops_managers(cluster: ClusterFacts) -> dict[Manager, list[str]]:
    """What applies KubeSphere's objects by itself, with their titles; without what is suspended or synced by hand."""
    found: dict[Manager, list[str]] = {}
    for application in filter(_syncs_itself, cluster.of(APPLICATION_KEY)):
        patch = '{"spec":{"syncPolicy":{"automated":null}}}'
        titles = [title for title in map(_resource_title, _resources(application)) if _is_own(cluster, title)]
        if titles:
            found[_manager(application, patch)] = titles
    served = {domain: key for domain, key in FLUX.items() if cluster.of(key)}
    for obj in cluster.all() if served else ():
        for domain, key in served.items():
            names = obj.labels.get(f"{domain}/name", ""), obj.labels.get(f"{domain}/namespace", "")
            owner = cluster.get(key, *names) if all(names) and _is_own(cluster, obj.title) else None
            if owner and not owner.spec.get("suspend"):
                found.setdefault(_manager(owner, '{"spec":{"suspend":true}}'), []).append(obj.title)
    return found


def cascading_applications(cluster: ClusterFacts, request: Request) -> list[Cascade]:
    """The Applications of Argo CD given up by a request, if their deletion takes their resources along.

    Argo CD's controller deletes it all, in every cluster, for one of three finalizers (argo-cd v2.3.3 and v3.3.0,
    pkg/apis/application/v1alpha1/application_defaults.go and types.go, CascadedDeletion); a namespace that goes whole
    ends the controller and its Applications in any order.
    """
    cascades, going = [], SharedNamespaces(cluster, request)
    for application in cluster.of(APPLICATION_KEY):
        finalizers = [f for f in application.finalizers if f.partition("/")[0] == CASCADE]
        titles = [title for title in map(_resource_title, _resources(application)) if not _is_own(cluster, title)]
        given_up = is_given_up(application, request) or going.goes(application)
        if finalizers and titles and given_up:
            cascades.append(Cascade(application, finalizers[0], tuple(titles)))
    return cascades


def _manager(obj: Obj, patch: str) -> Manager:
    return Manager(obj.title, obj.kind.resource, obj.namespace, obj.name, patch)


def _syncs_itself(application: Obj) -> bool:
    automated = (application.spec.get("syncPolicy") or {}).get("automated")
    return automated is not None and automated.get("enabled") is not False


def _resources(application: Obj) -> Iterable[dict[str, str]]:
    return (application.body.get("status") or {}).get("resources") or []


def _resource_title(resource: dict[str, str]) -> str:
    """`Kind.group namespace/name`, as of an object that was read."""
    kind = ".".join(filter(None, (resource.get("kind", ""), resource.get("group", ""))))
    return f"{kind} {'/'.join(filter(None, (resource.get('namespace', ''), resource.get('name', ''))))}"


def _is_own(cluster: ClusterFacts, title: str) -> bool:
    """Whether a title is of an object of KubeSphere's: its namespace, an object in it, or one of its types."""
    key, _, place = title.partition(" ")
    namespace, _, name = place.rpartition("/")
    if key == NAMESPACE_KEY:
        return catalogue.system_namespace(name) is not None and catalogue.shared_namespace(name) is None
    if key == CRD_KEY:
        return catalogue.is_own_group(name.partition(".")[2])
    return catalogue.own_namespace(cluster, namespace) is not None
