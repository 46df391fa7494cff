"""Which API groups, labels, annotations, finalizers and ownerReferences are KubeSphere's or kubefed's: by domain.

A key belongs to a domain by its part before the slash; some finalizers have no slash (finalizers.tenant.kubesphere.io
of Workspaces: kubesphere v3.3.1, pkg/controller/workspace/workspace_controller.go). Two things inside the domains are
left alone. Keys that something outside KubeSphere works with, which the catalogue marks `never`: OpenELB drops the
address of a Service without lb.kubesphere.io/v1alpha1. And labels of objects that others select by them: a Pod that
no longer matches its ReplicaSet is replaced, and Pods are scheduled by labels of Nodes; kubefed.io/managed, which no
selector has and which makes the next kubefed delete the object, goes from these too.
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cache

from ks_reset.catalogue.loader import load
from ks_reset.model import Marks, Obj, group_of

DOMAINS = ("kubesphere.io", "kubefed.io")
MANAGED = "kubefed.io/managed"
SELECTED = ("Pod", "ReplicationController", "ReplicaSet.apps", "ControllerRevision.apps", "Node", "PersistentVolume")


def own_group(group: str) -> bool:
    """Whether an API group is one of the two domains or below one."""
    return any(group == domain or group.endswith(f".{domain}") for domain in DOMAINS)


def own_key(key: str) -> bool:
    """Whether a label, annotation or finalizer is in one of the two domains and may be taken off."""
    return own_group(key.partition("/")[0]) and not any(fnmatchcase(key, pattern) for pattern in _never())


def marks(obj: Obj) -> Marks:
    """All that KubeSphere and kubefed wrote on an object's metadata and that may be taken off."""
    return Marks(
        labels={k: obj.labels[k] for k in _own(obj.labels) if k == MANAGED or obj.kind.key not in SELECTED},
        annotations={k: obj.annotations[k] for k in _own(obj.annotations)},
        finalizers=_own(obj.finalizers),
        owners=tuple(r for r in obj.meta.get("ownerReferences") or [] if own_group(group_of(r["apiVersion"]))),
    )


def _own(keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(key for key in keys if own_key(key)))


@cache
def _never() -> tuple[str, ...]:
    return tuple(mark.key for mark in load().marks if mark.remove == "never")
