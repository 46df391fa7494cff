"""Which users' objects name a cluster-wide object, such as a PriorityClass: without it they are not made again.

The fields, in kubernetes v1.24.17, staging/src/k8s.io/api: core/v1/types.go (PodSpec priorityClassName and
runtimeClassName, CSIPersistentVolumeSource and CSIVolumeSource driver), networking/v1/types.go (IngressSpec
ingressClassName), storage/v1/types.go (StorageClass provisioner, VolumeAttachmentSpec attacher); the annotation
kubernetes.io/ingress.class in pkg/registry/networking/ingress/strategy.go; and in kubernetes v1.34.4, the same folder,
resource/v1/types.go (deviceClassName), core/v1/types.go (volumeAttributesClassName) and
admissionregistration/v1/types.go (ValidatingAdmissionPolicyBindingSpec policyName). A field counts at any depth: custom
resources hold pod templates.
"""

from collections.abc import Iterable
from typing import Any

from ks_reset.catalogue.names import CSI_DRIVER_KEY, INGRESS_CLASS_KEY, PRIORITY_CLASS_KEY, RUNTIME_CLASS_KEY
from ks_reset.catalogue.ownership import is_users
from ks_reset.model import ClusterFacts, Obj

NAMED_BY = {
    CSI_DRIVER_KEY: ("driver", "provisioner", "attacher"),
    INGRESS_CLASS_KEY: ("ingressClassName", "kubernetes.io/ingress.class"),
    PRIORITY_CLASS_KEY: ("priorityClassName",),
    RUNTIME_CLASS_KEY: ("runtimeClassName",),
    "DeviceClass.resource.k8s.io": ("deviceClassName",),
    "VolumeAttributesClass.storage.k8s.io": ("volumeAttributesClassName",),
    "ValidatingAdmissionPolicy.admissionregistration.k8s.io": ("policyName",),
}
FIELDS = frozenset(field for fields in NAMED_BY.values() for field in fields)


def user_of(cluster: ClusterFacts, obj: Obj) -> str:
    """The title of a user's object that names this one; "" for none, and for types not in NAMED_BY."""
    fields = NAMED_BY.get(obj.kind.key, ())
    names = cluster.once(_names_in_use) if fields else {}
    return next((names[field, obj.name] for field in fields if (field, obj.name) in names), "")


def _names_in_use(cluster: ClusterFacts) -> dict[tuple[str, str], str]:
    """By field and value, the title of the first user's object with them."""
    found: dict[tuple[str, str], str] = {}
    for obj in cluster.all():
        named = set(_named_in(obj.body)) - found.keys()
        if named and is_users(obj, cluster):
            found |= dict.fromkeys(named, obj.title)
    return found


def _named_in(part: Any) -> Iterable[tuple[str, str]]:
    if isinstance(part, list):
        for item in part:
            yield from _named_in(item)
    elif isinstance(part, dict):
        for field, value in part.items():
            if field in FIELDS and isinstance(value, str):
                yield field, value
            yield from _named_in(value)
