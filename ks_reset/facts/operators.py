"""KubeSphere's types used by an operator of somebody else, outside KubeSphere's namespaces."""

from collections.abc import Iterable, Mapping

from ks_reset import catalogue
from ks_reset.catalogue.inventory.clean import image_name
from ks_reset.catalogue.names import WORKLOAD_KEYS
from ks_reset.facts.crds import key_of_type
from ks_reset.model import ClusterFacts, Obj


def types_of_foreign_operators(cluster: ClusterFacts) -> dict[str, str]:
    """By type (`Kind.group`), the workload outside KubeSphere's namespaces running the operator of this type.

    notification-manager, fluentbit-operator, kube-events and kube-auditing are also installed on their own; the image
    tells. Objects of such a type stop an uninstall, and the type stays.
    """
    known = catalogue.load_catalogue()
    components = {entry.image: entry.component for entry in known.operators}
    users = {
        components[image]: workload.title
        for workload in _workloads_elsewhere(cluster)
        for image in _image_names(workload) & components.keys()
    }
    return {entry.key: users[entry.component] for entry in known.crds if entry.component in users}


def type_proof(crd: Obj, users: Mapping[str, str]) -> str | None:
    """The proof that a CRD is KubeSphere's or its kubefed's alone; None without proof.

    `users` are the types used by somebody else's operator. The group is no proof: other projects serve types below
    kubesphere.io too (OpenELB, eips.network.kubesphere.io).
    """
    entry = catalogue.load_catalogue().crd_entry(crd.name)
    if entry is None or entry.remove == "never" or key_of_type(crd) in users:
        return None
    return f"KubeSphere brings it ({entry.component})"


def _workloads_elsewhere(cluster: ClusterFacts) -> Iterable[Obj]:
    workloads = (obj for key in WORKLOAD_KEYS for obj in cluster.of(key))
    return (obj for obj in workloads if not catalogue.system_namespace(obj.namespace))


def _image_names(workload: Obj) -> set[str]:
    """The last part of each container's image repository: `fluent-bit` for docker.io/kubesphere/fluent-bit:v1."""
    containers = workload.spec.get("template", {}).get("spec", {}).get("containers") or []
    return {image_name(str(container.get("image", ""))) for container in containers}
