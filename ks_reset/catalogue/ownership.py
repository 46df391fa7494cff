"""What must not be lost: everything that is not KubeSphere's or kubefed's, by type or by namespace."""

from ks_reset import catalogue
from ks_reset.model import Obj

CRD = "CustomResourceDefinition.apiextensions.k8s.io"
CANARY_LABEL = "ks-reset/canary"
"""The label on a canary namespace and all that ks-reset makes in it; its value is the Workspace."""


def is_canary(obj: Obj) -> bool:
    return CANARY_LABEL in obj.labels


def protected(obj: Obj) -> bool:
    """Whether an object is somebody's: a namespace that KubeSphere did not make, or whatever is in one, and so on."""
    if catalogue.own_group(obj.kind.group) or is_canary(obj):
        return False
    if obj.kind.key == CRD:
        return not catalogue.own_group(str(obj.spec.get("group", "")))
    home = obj.name if obj.kind.key == "Namespace" else obj.namespace
    entry = catalogue.system_namespace(home) if home else None
    return entry is None or entry.remove == "never"
