"""The objects a seatbelt keeps: all except KubeSphere's own namespaces and types, including objects created later."""

from collections.abc import Collection, Mapping

from ks_reset import catalogue
from ks_reset.catalogue.names import (
    CANARY_LABEL,
    CRD_KEY,
    METADATA_NAME_LABEL,
    NAMESPACE_KEY,
    PERSISTENT_VOLUME_CLAIM_KEY,
    PERSISTENT_VOLUME_KEY,
    REMOVABLE_LABEL,
)
from ks_reset.model import Obj

DENIED_KINDS = (NAMESPACE_KEY, PERSISTENT_VOLUME_CLAIM_KEY, PERSISTENT_VOLUME_KEY, CRD_KEY)
"""The kinds a seatbelt denies the deletion of to every client."""
REMOVABLE = REMOVABLE_LABEL
"""The label on a CRD of KubeSphere's, or on a namespace without the label of its name, that a webhook lets go."""
LET_GO_LABELS = (REMOVABLE, CANARY_LABEL)
"""Labels that except a namespace where Kubernetes does not label it with its name."""


def own_namespaces() -> tuple[str, ...]:
    """The names of the namespaces KubeSphere creates for itself, present or not."""
    names = (entry.name for entry in catalogue.load_catalogue().namespaces)
    return tuple(sorted(name for name in names if catalogue.system_namespace(name)))


def denies_deletion(
    obj: Obj,
    excepted_namespaces: Collection[str] = (),
    types_by_label: bool = False,
    home_labels: Mapping[str, str] | None = None,
) -> bool:
    """Whether a complete seatbelt denies the deletion of this object to every client.

    With `types_by_label` (a webhook) CRDs are told apart by the label REMOVABLE alone: KubeSphere's own are kept too
    until they bear it. With `home_labels`, those of the namespace that it is or is in, namespaces are told apart by
    these labels alone: so where Kubernetes does not label a namespace with its name.
    """
    if obj.kind.key not in DENIED_KINDS:
        return False
    if obj.kind.key == CRD_KEY and types_by_label:
        return REMOVABLE not in obj.labels
    if obj.kind.key == CRD_KEY:
        return not catalogue.is_own_group(str(obj.spec.get("group", "")))
    excepted = (*own_namespaces(), *excepted_namespaces)
    if home_labels is not None and obj.kind.key != PERSISTENT_VOLUME_KEY:
        marked = any(label in home_labels for label in LET_GO_LABELS)
        return not marked and home_labels.get(METADATA_NAME_LABEL) not in excepted
    return namespace_of(obj) not in excepted


def namespace_of(obj: Obj) -> str:
    """The namespace an object is, or is in; "" for other cluster-wide objects."""
    return obj.name if obj.kind.key == NAMESPACE_KEY else obj.namespace
