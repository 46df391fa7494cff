"""The namespace controller.

Every namespace of the cluster, kube-system too, gets a finalizer and a label. If labelled with an existing Workspace,
it gets an ownerReference to that Workspace as its controller: so the garbage collector deletes it with the Workspace.
If the Workspace is being deleted, or is gone, label and ownerReference are removed: a namespace reconciled before the
garbage collector reaches it is kept. Namespaces managed by kubefed are skipped: kubefed would remove the reference.

Read in kubesphere/kubesphere v3.3.1, pkg/controller/namespace/namespace_controller.go.
"""

from ks_reset.cluster import Client
from ks_reset.model import Body, Kind
from ks_reset.rehearsal.standin.api import (
    CORE_NAMESPACE,
    CREATOR,
    MANAGED,
    NAMESPACE_LABEL,
    RBAC,
    ROLE,
    ROLE_BASE,
    ROLE_BINDING,
    TEMPLATE,
    USER,
    USER_REF,
    WORKSPACE,
    WORKSPACE_LABEL,
    add_finalizer,
    controlled_by,
    controller_of,
    deleting,
    drop_finalizer,
    labels,
    meta,
    update,
)

FINALIZER = "finalizers.kubesphere.io/namespaces"
DEVOPS_LABEL = "kubesphere.io/devopsproject"
SCOPE = "scope.kubesphere.io/namespace"


def reconcile(cluster: Client, namespace: Body) -> None:
    """Add finalizer and label; in a Workspace, owner and roles too; remove the finalizer from a deleted namespace."""
    if deleting(namespace):
        drop_finalizer(cluster, CORE_NAMESPACE, namespace, FINALIZER)
        return
    if add_finalizer(namespace, FINALIZER):
        _bind_creator(cluster, namespace)
        labels(namespace)[NAMESPACE_LABEL] = meta(namespace)["name"]
        namespace = update(cluster, CORE_NAMESPACE, namespace)
    workspace = labels(namespace).get(WORKSPACE_LABEL)
    if labels(namespace).get(MANAGED) != "true":
        namespace = _bind_or_unbind(cluster, namespace, workspace)
    if workspace is not None and DEVOPS_LABEL not in labels(namespace):
        _write_roles(cluster, meta(namespace)["name"])


def bind(cluster: Client, namespace: Body, workspace: Body) -> Body:
    """Make the Workspace the namespace's controller, in place of any other Workspace."""
    if controlled_by(namespace, workspace):
        return namespace
    meta(namespace)["ownerReferences"] = [*_other_owners(namespace), controller_of(workspace)]
    return update(cluster, CORE_NAMESPACE, namespace)


def _bind_or_unbind(cluster: Client, namespace: Body, name: str | None) -> Body:
    workspace = cluster.get(WORKSPACE, name) if name else None
    if workspace and not deleting(workspace):
        return bind(cluster, namespace, workspace)
    owned = any(ref["kind"] == WORKSPACE.kind for ref in meta(namespace).get("ownerReferences", []))
    if not owned and workspace is None:
        return namespace
    labels(namespace).pop(WORKSPACE_LABEL, None)
    meta(namespace)["ownerReferences"] = _other_owners(namespace)
    return update(cluster, CORE_NAMESPACE, namespace)


def _other_owners(namespace: Body) -> list[Body]:
    """The owners except Workspaces and templates, by kind (pkg/utils/k8sutil, RemoveWorkspaceOwnerReference)."""
    refs = meta(namespace).get("ownerReferences", [])
    return [ref for ref in refs if ref["kind"] not in (WORKSPACE.kind, TEMPLATE.kind)]


def _write_roles(cluster: Client, namespace: str) -> None:
    """Write the Role of every RoleBase for namespaces; a user's changes to a Role of this name are overwritten."""
    for base in cluster.list(ROLE_BASE, labels=f"{SCOPE}="):
        wanted = base.get("role") or {}
        if wanted.get("kind") != "Role":
            continue
        role = {**wanted, "metadata": {**wanted["metadata"], "namespace": namespace}}
        existing = cluster.get(ROLE, meta(role)["name"], namespace)
        if existing is None:
            cluster.create(ROLE, role)
        elif _roles_differ(existing, role):
            changed = {key: meta(role).get(key) for key in ("labels", "annotations")}
            update(cluster, ROLE, {**existing, "rules": role["rules"], "metadata": {**meta(existing), **changed}})


def _roles_differ(existing: Body, wanted: Body) -> bool:
    same = all(meta(existing).get(key) == meta(wanted).get(key) for key in ("labels", "annotations"))
    return not same or existing.get("rules") != wanted.get("rules")


def _bind_creator(cluster: Client, namespace: Body) -> None:
    creator = (meta(namespace).get("annotations") or {}).get(CREATOR)
    if not creator or not cluster.get(USER, creator):
        return
    name = meta(namespace)["name"]
    subject = {"apiGroup": RBAC, "kind": "User", "name": creator}
    body = {
        "metadata": {"name": f"{creator}-admin", "namespace": name, "labels": {USER_REF: creator}},
        "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": "admin"},
        "subjects": [subject],
    }
    _create_once(cluster, ROLE_BINDING, body)


def _create_once(cluster: Client, kind: Kind, body: Body) -> None:
    if cluster.get(kind, meta(body)["name"], meta(body).get("namespace", "")) is None:
        cluster.create(kind, body)
