"""Commands of kubectl for one object by hand.

An entry of a list is tested as it was read, before it is taken out. Of several the last is taken out first: the index
of an entry does not change by the removal of a later one.
"""

import shlex
from collections.abc import Collection

import msgspec

from ks_reset.model import Body, ClusterFacts, Obj


def finalizer_patch(cluster: ClusterFacts, obj: Obj, finalizer: str) -> str:
    """The command that takes a finalizer off; "" for one that metadata does not have."""
    if finalizer not in obj.finalizers:
        return ""
    path = f"/metadata/finalizers/{obj.finalizers.index(finalizer)}"
    return json_patch(cluster, obj, {"op": "test", "path": path, "value": finalizer}, {"op": "remove", "path": path})


def owners_patch(cluster: ClusterFacts, obj: Obj, uids: Collection[str]) -> str:
    """The command that takes the owners with these UIDs off an object; "" if it has none of them."""
    operations: list[Body] = []
    for index, reference in reversed(list(enumerate(obj.meta.get("ownerReferences") or ()))):
        uid = reference.get("uid")
        if uid in uids:
            path = f"/metadata/ownerReferences/{index}"
            operations += [{"op": "test", "path": f"{path}/uid", "value": uid}, {"op": "remove", "path": path}]
    return json_patch(cluster, obj, *operations) if operations else ""


def unplace_patch(cluster: ClusterFacts, obj: Obj, names: Collection[str]) -> str:
    """The command that takes these clusters out of spec.placement.clusters; "" if it lists none of them."""
    listed = list(enumerate(_placed_names(obj) or ()))
    operations: list[Body] = []
    for index, name in reversed(listed):
        if name in names:
            path = f"/spec/placement/clusters/{index}"
            operations += [{"op": "test", "path": f"{path}/name", "value": name}, {"op": "remove", "path": path}]
    return json_patch(cluster, obj, *operations) if operations else ""


def place_patch(cluster: ClusterFacts, obj: Obj, names: Collection[str]) -> str:
    """The command that adds these clusters to spec.placement.clusters; "" if it is not placed by a list of names.

    A list beside a clusterSelector replaces it (kubefed v0.8.1, pkg/controller/util/placement.go).
    """
    placed = _placed_names(obj)
    if not placed:
        return ""
    path = "/spec/placement/clusters/-"
    added = [{"op": "add", "path": path, "value": {"name": name}} for name in sorted(set(names) - set(placed))]
    return json_patch(cluster, obj, *added) if added else ""


def _placed_names(obj: Obj) -> list[str] | None:
    clusters = (obj.spec.get("placement") or {}).get("clusters")
    return None if clusters is None else [str(each.get("name")) for each in clusters]


def json_patch(cluster: ClusterFacts, obj: Obj, *operations: Body) -> str:
    """The command that sends a JSON patch (RFC 6902) for an object."""
    namespace = f" -n {obj.namespace}" if obj.namespace else ""
    name = shlex.quote(f"{obj.kind.resource}/{obj.name}")
    patch = f"patch {name} --type=json -p {shlex.quote(msgspec.json.encode(operations).decode())}"
    return f"kubectl --context {cluster.context}{namespace} {patch}"


def annotate_command(cluster: ClusterFacts, obj: Obj, key: str) -> str:
    """The command that gives an object an annotation again; VALUE is known to the one who wrote it."""
    namespace = f" -n {obj.namespace}" if obj.namespace else ""
    words = f"annotate {shlex.quote(f'{obj.kind.resource}/{obj.name}')} {shlex.quote(f'{key}=VALUE')}"
    return f"kubectl --context {cluster.context}{namespace} {words}"


def start_command(cluster: ClusterFacts, deployment: Obj) -> str:
    """The command that starts a stopped Deployment, with one replica."""
    kubectl = f"kubectl --context {cluster.context} -n {deployment.namespace}"
    return f"{kubectl} scale deployment {deployment.name} --replicas=1"


def finalize_command(context: str, namespace: str) -> str:
    """The namespace as read, written back with the finalizer that makes its deletion delete its contents."""
    kubectl, fill = f"kubectl --context {context}", '.spec.finalizers=["kubernetes"]'
    put = f"{kubectl} replace --raw /api/v1/namespaces/{namespace}/finalize -f -"
    return f"{kubectl} get namespace {namespace} -o json | jq '{fill}' | {put}"
