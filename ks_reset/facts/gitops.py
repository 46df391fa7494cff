"""Argo CD's Applications and Flux' Kustomizations and HelmReleases with objects of KubeSphere's among theirs."""

from msgspec import Struct

from ks_reset import catalogue
from ks_reset.catalogue.names import CRD_KEY, NAMESPACE_KEY
from ks_reset.model import ClusterFacts, Obj

APPLICATION_KEY = "Application.argoproj.io"
FLUX = {
    "kustomize.toolkit.fluxcd.io": "Kustomization.kustomize.toolkit.fluxcd.io",
    "helm.toolkit.fluxcd.io": "HelmRelease.helm.toolkit.fluxcd.io",
}
"""The domain of the labels `…/name` and `…/namespace` on each object, with the type of the object that they name."""

SUSPEND = '{"spec":{"suspend":true}}'
"""The merge patch with which Flux leaves an object of its own and what it applied alone."""


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
        titles = [title for title in applied_resources(application) if is_own_title(cluster, title)]
        if titles:
            found[manager_of(application, patch)] = titles
    applied = applied_by_flux(cluster)
    for owner in flux_objects(cluster):
        own = [title for title in applied.get(owner.title, []) if is_own_title(cluster, title)]
        if own and not owner.spec.get("suspend"):
            found[manager_of(owner, SUSPEND)] = own
    return found


def flux_objects(cluster: ClusterFacts) -> list[Obj]:
    """Flux' Kustomizations and HelmReleases."""
    return [obj for key in FLUX.values() for obj in cluster.of(key)]


def applied_by_flux(cluster: ClusterFacts) -> dict[str, list[str]]:
    """The titles of the objects with labels of Flux, by the title of the Kustomization or HelmRelease they name."""
    found: dict[str, list[str]] = {}
    served = {domain: key for domain, key in FLUX.items() if cluster.of(key)}
    for obj in cluster.all() if served else ():
        for domain, key in served.items():
            names = obj.labels.get(f"{domain}/name", ""), obj.labels.get(f"{domain}/namespace", "")
            if all(names) and (owner := cluster.get(key, *names)):
                found.setdefault(owner.title, []).append(obj.title)
    return found


def applied_resources(application: Obj) -> list[str]:
    """The titles of the resources in the status of an Application of Argo CD."""
    return [_resource_title(each) for each in (application.body.get("status") or {}).get("resources") or []]


def manager_of(obj: Obj, patch: str) -> Manager:
    """What applies objects, as a Manager that this patch stops."""
    return Manager(obj.title, obj.kind.resource, obj.namespace, obj.name, patch)


def _syncs_itself(application: Obj) -> bool:
    automated = (application.spec.get("syncPolicy") or {}).get("automated")
    return automated is not None and automated.get("enabled") is not False


def _resource_title(resource: dict[str, str]) -> str:
    """`Kind.group namespace/name`, as of an object that was read."""
    kind = ".".join(filter(None, (resource.get("kind", ""), resource.get("group", ""))))
    return f"{kind} {'/'.join(filter(None, (resource.get('namespace', ''), resource.get('name', ''))))}"


def is_own_title(cluster: ClusterFacts, title: str) -> bool:
    """Whether a title is of an object of KubeSphere's: its namespace, an object in it, or one of its types."""
    key, _, place = title.partition(" ")
    namespace, _, name = place.rpartition("/")
    if key == NAMESPACE_KEY:
        return catalogue.system_namespace(name) is not None and catalogue.shared_namespace(name) is None
    if key == CRD_KEY:
        return catalogue.is_own_group(name.partition(".")[2])
    return catalogue.own_namespace(cluster, namespace) is not None
