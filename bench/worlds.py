"""Fleets for measurements: one member and many business namespaces, or many members.

A business namespace has the 27 Roles of KubeSphere 3.3.1, 3 RoleBindings, 5 ConfigMaps, 3 Secrets, 2 Deployments and a
claim.
"""

from collections.abc import Sequence
from typing import Any

from ks_reset import catalogue
from ks_reset.model import FleetFacts
from tests.build import Rows, facts
from tests.interleavings.small import Small, record_row

WORKSPACES, FEDERATED = 10, 3
"""Namespaces of a Workspace, and one in how many is federated."""
RBAC = "rbac.authorization.k8s.io"


def make_fleet(namespaces: int) -> FleetFacts:
    """A host with this many business namespaces, and a member with the federated ones."""
    small = Small(kubefed=True, stale=False)
    host, member = small.rows()
    for count in range(-(-namespaces // WORKSPACES)):
        host += _workspace(f"team-{count}")
    for count in range(namespaces):
        name, workspace, federated = f"shop-{count}", f"team-{count // WORKSPACES}", count % FEDERATED == 0
        host += namespace_rows(name, workspace, federated) + namespace_contents(name)
        if federated:
            host.append(federated_namespace(name, ("host", "test")))
            member += namespace_rows(name, "", federated)
    return facts(host, {"test": member}, small.dials())


def make_members(count: int) -> FleetFacts:
    """The facts of a host and this many members.

    Each member has a record that leads to it, KubeSphere's controllers and types, and two business namespaces, one of
    them federated from the host.
    """
    small = Small(kubefed=True, stale=False, member=False)
    host, like = small.rows()
    host = [row for row in host if not _is_of_test(row)]
    members: dict[str, Rows] = {}
    for number in range(count):
        name, shop = f"member-{number}", f"shop-{number}"
        host += namespace_rows(shop, "ws1", True) + namespace_contents(shop)
        host += [federated_namespace(shop, ("host", name)), record_row(name), _cluster_row(name)]
        here = namespace_rows(shop, "", True) + namespace_rows("local", "", False)
        members[name] = [*like, *here, *namespace_contents(shop), *namespace_contents("local")]
    dials = [{"record": name, "identity": name} for name in ("host", *members)]
    return facts(host, members, dials)


def _is_of_test(row: dict[str, Any]) -> bool:
    """Whether it is a record of the member `test` of the small fleet."""
    return row["kind"] in ("KubeFedCluster", "Cluster") and row["metadata"]["name"] == "test"


def _cluster_row(name: str) -> dict[str, Any]:
    return {"apiVersion": "cluster.kubesphere.io/v1alpha1", "kind": "Cluster", "metadata": {"name": name}}


def _workspace(name: str) -> Rows:
    finalizers, labels = ["finalizers.tenant.kubesphere.io"], {"kubefed.io/managed": "true"}
    meta = {"name": name, "labels": labels, "finalizers": finalizers}
    federated = {"name": name, "finalizers": ["kubefed.io/sync-controller"]}
    return [
        {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace", "metadata": meta},
        {
            "apiVersion": "types.kubefed.io/v1beta1",
            "kind": "FederatedWorkspace",
            "metadata": federated,
            "spec": {"placement": {"clusters": [{"name": "host"}]}},
        },
    ]


def namespace_rows(name: str, workspace: str, federated: bool) -> Rows:
    """A business namespace, of a Workspace or, with "", of none."""
    labels = {"kubesphere.io/namespace": name}
    meta: dict[str, Any] = {"name": name, "labels": labels, "finalizers": ["finalizers.kubesphere.io/namespaces"]}
    if workspace:
        labels["kubesphere.io/workspace"] = workspace
        owner = {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace", "name": workspace}
        meta["ownerReferences"] = [owner | {"uid": f"uid-of-Workspace--{workspace}"}]
    if federated:
        labels["kubefed.io/managed"] = "true"
    return [{"kind": "Namespace", "metadata": meta}]


def federated_namespace(name: str, clusters: Sequence[str]) -> dict[str, Any]:
    """A FederatedNamespace placed on these clusters by their records."""
    return {
        "apiVersion": "types.kubefed.io/v1beta1",
        "kind": "FederatedNamespace",
        "metadata": {"name": name, "namespace": name, "finalizers": ["kubefed.io/sync-controller"]},
        "spec": {"placement": {"clusters": [{"name": cluster} for cluster in clusters]}},
    }


def namespace_contents(namespace: str) -> Rows:
    roles = [entry for entry in catalogue.load_catalogue().namespaced_rbac if entry.kind == "Role"]
    named = [entry for entry in roles if "<" not in entry.name]
    rows = [_of("Role", namespace, entry.name, _role(entry.labels, entry.annotations), f"{RBAC}/v1") for entry in named]
    for user in ("ada", "bob", "eve"):
        rows.append(_binding(namespace, user))
    rows += [_of("ConfigMap", namespace, f"settings-{n}", {"data": {"mode": "production"}}) for n in range(5)]
    rows += [_of("Secret", namespace, f"database-{n}", {"data": {"password": "c2VjcmV0"}}) for n in range(3)]
    rows += [_of("Deployment", namespace, f"app-{n}", _workload(n), "apps/v1") for n in range(2)]
    return [*rows, _of("PersistentVolumeClaim", namespace, "data", {"spec": {"volumeName": f"{namespace}-data"}})]


def _of(kind: str, namespace: str, name: str, rest: dict[str, Any], version: str = "v1") -> dict[str, Any]:
    meta = {"name": name, "namespace": namespace, **rest.pop("metadata", {})}
    return {"apiVersion": version, "kind": kind, "metadata": meta, **rest}


def _role(labels: dict[str, str], annotations: Any) -> dict[str, Any]:
    values = {key: "system" if key == "kubesphere.io/creator" else "[]" for key in annotations}
    rules = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}]
    return {"metadata": {"labels": dict(labels), "annotations": values}, "rules": rules}


def _binding(namespace: str, user: str) -> dict[str, Any]:
    reference = {"apiGroup": RBAC, "kind": "Role", "name": "operator"}
    subjects = [{"kind": "User", "name": user, "apiGroup": RBAC}]
    meta = {"labels": {"iam.kubesphere.io/user-ref": user}} if user != "eve" else {}
    rest = {"metadata": meta, "roleRef": reference, "subjects": subjects}
    return _of("RoleBinding", namespace, f"{user}-operator", rest, f"{RBAC}/v1")


def _workload(number: int) -> dict[str, Any]:
    labels = {"app": f"app-{number}"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "app", "image": "nginx:1.23"}]}}
    return {"spec": {"replicas": 2, "selector": {"matchLabels": labels}, "template": template}}
