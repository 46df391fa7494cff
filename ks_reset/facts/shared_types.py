"""KubeSphere's types used by an operator of somebody else, outside KubeSphere's namespaces."""

from collections.abc import Iterable, Mapping

from ks_reset import catalogue
from ks_reset.catalogue.images import image_names
from ks_reset.catalogue.names import WORKLOAD_KEYS
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
