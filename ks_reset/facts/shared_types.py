"""Types below kubesphere.io used by a program of somebody else, outside KubeSphere's namespaces."""

from collections.abc import Iterable, Mapping

from ks_reset import catalogue
from ks_reset.catalogue.entries import OperatorEntry, StandaloneEntry
from ks_reset.catalogue.images import image_names
from ks_reset.catalogue.names import CRD_KEY, NAMESPACE_KEY, WORKLOAD_KEYS
from ks_reset.facts.crds import own_types
from ks_reset.model import ClusterFacts, Obj


def groups_of_foreign_operators(cluster: ClusterFacts) -> dict[str, str]:
    """By API group, the workload outside KubeSphere's namespaces running the operator of its types.

    notification-manager, fluentbit-operator, kube-events and kube-auditing are also installed on their own; the image
    tells. Objects of these groups stop an uninstall, and the types stay.
    """
    return {
        group: workload.title
        for workload in _workloads_elsewhere(cluster)
        for entry in catalogue.load_catalogue().operators
        if image_names(workload) & {*entry.images}
        for group in entry.groups
    }


def types_of_standalone_programs(cluster: ClusterFacts) -> Mapping[str, Obj]:
    """By name of a CRD, the workload of a program without KubeSphere: the type is its own, and stays.

    The program runs outside KubeSphere's namespaces, and none of its kind runs in them: there KubeSphere's own, or an
    extension of 4.x, would act on the same objects. The types are those of the catalogue's `standalone` programs, and
    all types in the API groups of a bundled operator.
    """
    return cluster.once_of((*WORKLOAD_KEYS, NAMESPACE_KEY, CRD_KEY), _find_standalone_types)


def _find_standalone_types(cluster: ClusterFacts) -> dict[str, Obj]:
    known = catalogue.load_catalogue()
    elsewhere, inside = _programs(cluster)
    found: dict[str, Obj] = {}
    entries: tuple[StandaloneEntry | OperatorEntry, ...] = (*known.standalone, *known.operators)
    for entry in entries:
        images = {*entry.images}
        if not images & elsewhere.keys() or images & inside:
            continue
        workload = next(elsewhere[image] for image in entry.images if image in elsewhere)
        found |= {crd.name: workload for crd in own_types(cluster) if _is_served_by(crd, entry)}
    return found


def _is_served_by(crd: Obj, entry: StandaloneEntry | OperatorEntry) -> bool:
    if isinstance(entry, StandaloneEntry):
        return crd.name in entry.types
    return crd.spec.get("group") in entry.groups


def _programs(cluster: ClusterFacts) -> tuple[dict[str, Obj], set[str]]:
    """The images of the workloads outside KubeSphere's namespaces, each with one of them, and those of the others."""
    elsewhere: dict[str, Obj] = {}
    inside: set[str] = set()
    for workload in (obj for key in WORKLOAD_KEYS for obj in cluster.of(key)):
        names = image_names(workload)
        if catalogue.own_namespace(cluster, workload.namespace):
            inside |= names
        else:
            elsewhere = dict.fromkeys(names, workload) | elsewhere
    return elsewhere, inside


def type_proof(crd: Obj, users: Mapping[str, str]) -> str | None:
    """The proof that a CRD is KubeSphere's or its kubefed's alone; None without proof.

    `users` are the API groups of somebody else's operators. The group is no proof: other projects serve types below
    kubesphere.io too (OpenELB, eips.network.kubesphere.io).
    """
    entry, component = catalogue.load_catalogue().crd_entry(crd.name), catalogue.component_of_type(crd.name)
    if not component or (entry and entry.remove == "never") or crd.spec.get("group") in users:
        return None
    return f"KubeSphere brings it ({component})"


def _workloads_elsewhere(cluster: ClusterFacts) -> Iterable[Obj]:
    workloads = (obj for key in WORKLOAD_KEYS for obj in cluster.of(key))
    return (obj for obj in workloads if not catalogue.own_namespace(cluster, obj.namespace))
