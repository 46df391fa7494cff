"""The objects a seatbelt keeps: all except KubeSphere's own namespaces and types, including objects created later."""

from collections.abc import Collection

from ks_reset import catalogue
from ks_reset.catalogue.names import (
    CRD_KEY,
    NAMESPACE_KEY,
    PERSISTENT_VOLUME_CLAIM_KEY,
    PERSISTENT_VOLUME_KEY,
    REMOVABLE_LABEL,
)
from ks_reset.model import Obj

DENIED_KINDS = (NAMESPACE_KEY, PERSISTENT_VOLUME_CLAIM_KEY, PERSISTENT_VOLUME_KEY, CRD_KEY)
"""The kinds a seatbelt denies the deletion of to every client."""
REMOVABLE = REMOVABLE_LABEL
"""The label on a CRD of KubeSphere's that a webhook lets go."""


def own_namespaces() -> tuple[str, ...]:
    """The names of the namespaces KubeSphere creates for itself, present or not."""
    return tuple(sorted(entry.name for entry in catalogue.load_catalogue().namespaces if entry.remove != "never"))


def denies_deletion(obj: Obj, excepted_namespaces: Collection[str] = (), types_by_label: bool = False) -> bool:
    """Whether a complete seatbelt denies the deletion of this object to every client.

    With `types_by_label` (a webhook) CRDs are told apart by the label REMOVABLE alone: KubeSphere's own are kept too
    until they bear it.
    """
    if obj.kind.key not in DENIED_KINDS:
        return False
    if obj.kind.key == CRD_KEY and types_by_label:
        return REMOVABLE not in obj.labels
    if obj.kind.key == CRD_KEY:
        return not catalogue.is_own_group(str(obj.spec.get("group", "")))
    return _namespace_of(obj) not in (*own_namespaces(), *excepted_namespaces)


def _namespace_of(obj: Obj) -> str:
    """The namespace an object is, or is in; "" for other cluster-wide objects."""
    return obj.name if obj.kind.key == NAMESPACE_KEY else obj.namespace
