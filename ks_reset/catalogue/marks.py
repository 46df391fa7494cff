"""Which API groups, labels, annotations, finalizers and ownerReferences are KubeSphere's or kubefed's: by domain.

A key belongs to a domain by its part before the slash; some finalizers have no slash (finalizers.tenant.kubesphere.io
of Workspaces: kubesphere v3.3.1, pkg/controller/workspace/workspace_controller.go).
"""

from ks_reset.model import Marks, Obj

DOMAINS = ("kubesphere.io", "kubefed.io")


def own_group(group: str) -> bool:
    """Whether an API group is one of the two domains or below one."""
    return any(group == domain or group.endswith(f".{domain}") for domain in DOMAINS)


def own_key(key: str) -> bool:
    """Whether a label, annotation or finalizer is in one of the two domains."""
    return own_group(key.partition("/")[0])


def marks(obj: Obj) -> Marks:
    """All that KubeSphere and kubefed wrote on an object's metadata."""
    return Marks(
        labels=tuple(sorted(key for key in obj.labels if own_key(key))),
        annotations=tuple(sorted(key for key in obj.annotations if own_key(key))),
        finalizers=tuple(sorted(f for f in obj.finalizers if own_key(f))),
        owners=tuple(sorted(o for o in obj.owners if own_group(o.group))),
    )
