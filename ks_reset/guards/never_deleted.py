"""Objects no plan may delete: users' namespaces, volumes, third-party CRDs.

Also Kubernetes' own namespaces and roles; KubeSphere only writes its marks on them (ks-installer v3.3.1,
roles/common/tasks/init-namespaces.yaml).
"""

from ks_reset import catalogue
from ks_reset.catalogue.names import (
    BOOTSTRAPPING_LABEL,
    NAMESPACE_KEY,
    NODE_KEY,
    PERSISTENT_VOLUME_CLAIM_KEY,
    PERSISTENT_VOLUME_KEY,
    STORAGE_CLASS_KEY,
)
from ks_reset.catalogue.ownership import is_canary
from ks_reset.errors import Refused
from ks_reset.guards.context import GuardContext
from ks_reset.model import Action, Delete, Obj

NEVER = {PERSISTENT_VOLUME_KEY, PERSISTENT_VOLUME_CLAIM_KEY, NODE_KEY, STORAGE_CLASS_KEY}


def guard(action: Action, now: Obj, _: GuardContext) -> None:
    """Raises Refused for the deletion of such an object."""
    if isinstance(action, Delete) and (reason := _reason_never_deleted(now)):
        raise Refused(f"Refused to delete {action.target}: {reason}. Nothing was sent.")


def _reason_never_deleted(obj: Obj) -> str:
    """Why the object is never deleted; "" if it may be."""
    if obj.kind.key in NEVER:
        return "ks-reset never deletes objects of this type"
    if obj.kind.key == NAMESPACE_KEY and not (catalogue.system_namespace(obj.name) or is_canary(obj)):
        return "it is neither one of KubeSphere's own namespaces nor a canary"
    if obj.kind.key.startswith("CustomResourceDefinition.") and not catalogue.is_own_group(obj.spec.get("group", "")):
        return f"its API group {obj.spec.get('group')} is not KubeSphere's"
    if obj.labels.get(BOOTSTRAPPING_LABEL) == "rbac-defaults":
        return "it is one of Kubernetes' own roles"
    return ""
