"""The command to remove one finalizer by hand, tested against the finalizer as read."""

import msgspec

from ks_reset.model import ClusterFacts, Obj


def finalizer_patch(cluster: ClusterFacts, obj: Obj, finalizer: str) -> str:
    """The kubectl command; "" for a finalizer that metadata does not have."""
    if finalizer not in obj.finalizers:
        return ""
    path = f"/metadata/finalizers/{obj.finalizers.index(finalizer)}"
    operations = [{"op": "test", "path": path, "value": finalizer}, {"op": "remove", "path": path}]
    namespace = f" -n {obj.namespace}" if obj.namespace else ""
    patch = f"patch {obj.kind.resource}/{obj.name} --type=json -p '{msgspec.json.encode(operations).decode()}'"
    return f"kubectl --context {cluster.context}{namespace} {patch}"
