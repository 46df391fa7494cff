"""Objects no plan may delete: users' namespaces, volumes, third-party CRDs.

Also Kubernetes' own namespaces and roles; KubeSphere only writes its marks on them (ks-installer v3.3.1,
roles/common/tasks/init-namespaces.yaml).
"""

from ks_reset import catalogue
from ks_reset.catalogue.ownership import is_canary
from ks_reset.errors import Refused
from ks_reset.guards.context import GuardContext
from ks_reset.model import Action, Delete, Obj

NEVER = {"PersistentVolume", "PersistentVolumeClaim", "Node", "StorageClass.storage.k8s.io"}


def guard(action: Action, now: Obj, _: GuardContext) -> None:
    """Raises Refused for the deletion of such an object."""
    if isinstance(action, Delete) and (reason := _reason_never_deleted(now)):
        raise Refused(f"Refused to delete {action.target}: {reason}. Nothing was sent.")


def _reason_never_deleted(obj: Obj) -> str:
    """Why the object is never deleted; "" if it may be."""
    if obj.kind.key in NEVER:
        return "ks-reset never deletes objects of this type"
    if obj.kind.key == "Namespace" and not (catalogue.system_namespace(obj.name) or is_canary(obj)):
        return "it is neither one of KubeSphere's own namespaces nor a canary"
    if obj.kind.key.startswith("CustomResourceDefinition.") and not catalogue.own_group(obj.spec.get("group", "")):
        return f"its API group {obj.spec.get('group')} is not KubeSphere's"
    if obj.labels.get("kubernetes.io/bootstrapping") == "rbac-defaults":
        return "it is one of Kubernetes' own roles"
    return ""
