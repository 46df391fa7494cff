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
from ks_reset.catalogue.names import (
    CONTROLLER_REVISION_KEY,
    KUBEFED_MANAGED_LABEL,
    NODE_KEY,
    PERSISTENT_VOLUME_KEY,
    POD_KEY,
    REPLICA_SET_KEY,
    REPLICATION_CONTROLLER_KEY,
)
from ks_reset.model import Marks, Obj

DOMAINS = ("kubesphere.io", "kubefed.io")
MANAGED = KUBEFED_MANAGED_LABEL
SELECTED = (
    POD_KEY,
    REPLICATION_CONTROLLER_KEY,
    REPLICA_SET_KEY,
    CONTROLLER_REVISION_KEY,
    NODE_KEY,
    PERSISTENT_VOLUME_KEY,
)


def own_group(group: str) -> bool:
    """Whether an API group is one of the two domains or below one."""
    return any(group == domain or group.endswith(f".{domain}") for domain in DOMAINS)


def own_key(key: str) -> bool:
    """Whether a label, annotation or finalizer is in one of the two domains and may be taken off."""
    return own_group(key.partition("/")[0]) and not any(fnmatchcase(key, pattern) for pattern in _never_removed())


def marks(obj: Obj) -> Marks:
    """All that KubeSphere and kubefed wrote on an object's metadata and that may be taken off."""
    return Marks(
        labels=tuple(
            key for key in _own_keys(obj.labels) if key == KUBEFED_MANAGED_LABEL or obj.kind.key not in SELECTED
        ),
        annotations=_own_keys(obj.annotations),
        finalizers=_own_keys(obj.finalizers),
        owners=tuple(sorted(o for o in obj.owners if own_group(o.group))),
    )


def _own_keys(keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(key for key in keys if own_key(key)))


@cache
def _never_removed() -> tuple[str, ...]:
    return tuple(mark.key for mark in load().marks if mark.remove == "never")
