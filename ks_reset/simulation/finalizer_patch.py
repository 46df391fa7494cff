"""Commands about finalizers by hand: to remove one, tested as read, and to put `kubernetes` back into a namespace."""

import shlex

import msgspec

from ks_reset.model import ClusterFacts, Obj


def finalizer_patch(cluster: ClusterFacts, obj: Obj, finalizer: str) -> str:
    """The kubectl command; "" for a finalizer that metadata does not have."""
    if finalizer not in obj.finalizers:
        return ""
    path = f"/metadata/finalizers/{obj.finalizers.index(finalizer)}"
    operations = [{"op": "test", "path": path, "value": finalizer}, {"op": "remove", "path": path}]
    namespace = f" -n {obj.namespace}" if obj.namespace else ""
    name = shlex.quote(f"{obj.kind.resource}/{obj.name}")
    patch = f"patch {name} --type=json -p '{msgspec.json.encode(operations).decode()}'"
    return f"kubectl --context {cluster.context}{namespace} {patch}"


def finalize_command(context: str, namespace: str) -> str:
    """The namespace as read, written back with the finalizer that makes its deletion delete its contents."""
    kubectl, fill = f"kubectl --context {context}", '.spec.finalizers=["kubernetes"]'
    put = f"{kubectl} replace --raw /api/v1/namespaces/{namespace}/finalize -f -"
    return f"{kubectl} get namespace {namespace} -o json | jq '{fill}' | {put}"
