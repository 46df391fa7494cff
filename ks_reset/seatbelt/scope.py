"""The objects a seatbelt keeps: all except KubeSphere's own namespaces and types, including objects created later."""

from collections.abc import Collection

from ks_reset import catalogue
from ks_reset.model import Obj

CRD = "CustomResourceDefinition.apiextensions.k8s.io"
SHIELDED = ("Namespace", "PersistentVolumeClaim", "PersistentVolume", CRD)
"""The kinds a seatbelt denies the deletion of to every client."""
REMOVABLE = "ks-reset/removable"
"""The label on a CRD of KubeSphere's that a webhook lets go."""


def own_namespaces() -> tuple[str, ...]:
    """The names of the namespaces KubeSphere creates for itself, present or not."""
    return tuple(sorted(entry.name for entry in catalogue.load().namespaces if entry.remove != "never"))


def denies_deletion(obj: Obj, excepted_namespaces: Collection[str] = (), types_by_label: bool = False) -> bool:
    """Whether a complete seatbelt denies the deletion of this object to every client.

    With `types_by_label` (a webhook) CRDs are told apart by the label REMOVABLE alone: KubeSphere's own are kept too
    until they bear it.
    """
    if obj.kind.key not in SHIELDED:
        return False
    if obj.kind.key == CRD and types_by_label:
        return REMOVABLE not in obj.labels
    if obj.kind.key == CRD:
        return not catalogue.own_group(str(obj.spec.get("group", "")))
    return _namespace_of(obj) not in (*own_namespaces(), *excepted_namespaces)


def _namespace_of(obj: Obj) -> str:
    """The namespace an object is, or is in; "" for other cluster-wide objects."""
    return obj.name if obj.kind.key == "Namespace" else obj.namespace
