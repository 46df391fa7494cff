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
    drop_finalizer,
    is_deleting,
    labels_of,
    metadata_of,
    update_object,
)

FINALIZER = "finalizers.kubesphere.io/namespaces"
DEVOPS_LABEL = "kubesphere.io/devopsproject"
SCOPE = "scope.kubesphere.io/namespace"


def reconcile_namespace(cluster: Client, namespace: Body) -> None:
    """Add finalizer and label; in a Workspace, owner and roles too; remove the finalizer from a deleted namespace."""
    if is_deleting(namespace):
        drop_finalizer(cluster, CORE_NAMESPACE, namespace, FINALIZER)
        return
    if add_finalizer(namespace, FINALIZER):
        _bind_creator(cluster, namespace)
        labels_of(namespace)[NAMESPACE_LABEL] = metadata_of(namespace)["name"]
        namespace = update_object(cluster, CORE_NAMESPACE, namespace)
    workspace = labels_of(namespace).get(WORKSPACE_LABEL)
    if labels_of(namespace).get(MANAGED) != "true":
        namespace = _bind_or_unbind(cluster, namespace, workspace)
    if workspace is not None and DEVOPS_LABEL not in labels_of(namespace):
        _write_roles(cluster, metadata_of(namespace)["name"])


def bind_workspace(cluster: Client, namespace: Body, workspace: Body) -> Body:
    """Make the Workspace the namespace's controller, in place of any other Workspace."""
    if controlled_by(namespace, workspace):
        return namespace
    metadata_of(namespace)["ownerReferences"] = [*_other_owners(namespace), controller_of(workspace)]
    return update_object(cluster, CORE_NAMESPACE, namespace)


def _bind_or_unbind(cluster: Client, namespace: Body, name: str | None) -> Body:
    workspace = cluster.get(WORKSPACE, name) if name else None
    if workspace and not is_deleting(workspace):
        return bind_workspace(cluster, namespace, workspace)
    owned = any(ref["kind"] == WORKSPACE.kind for ref in metadata_of(namespace).get("ownerReferences", []))
    if not owned and workspace is None:
        return namespace
    labels_of(namespace).pop(WORKSPACE_LABEL, None)
    metadata_of(namespace)["ownerReferences"] = _other_owners(namespace)
    return update_object(cluster, CORE_NAMESPACE, namespace)


def _other_owners(namespace: Body) -> list[Body]:
    """The owners except Workspaces and templates, by kind (pkg/utils/k8sutil, RemoveWorkspaceOwnerReference)."""
    refs = metadata_of(namespace).get("ownerReferences", [])
    return [ref for ref in refs if ref["kind"] not in (WORKSPACE.kind, TEMPLATE.kind)]


def _write_roles(cluster: Client, namespace: str) -> None:
    """Write the Role of every RoleBase for namespaces; a user's changes to a Role of this name are overwritten."""
    for base in cluster.list(ROLE_BASE, labels=f"{SCOPE}="):
        wanted = base.get("role") or {}
        if wanted.get("kind") != "Role":
            continue
        role = {**wanted, "metadata": {**wanted["metadata"], "namespace": namespace}}
        existing = cluster.get(ROLE, metadata_of(role)["name"], namespace)
        if existing is None:
            cluster.create(ROLE, role)
        elif _roles_differ(existing, role):
            changed = {key: metadata_of(role).get(key) for key in ("labels", "annotations")}
            update_object(
                cluster, ROLE, {**existing, "rules": role["rules"], "metadata": {**metadata_of(existing), **changed}}
            )


def _roles_differ(existing: Body, wanted: Body) -> bool:
    same = all(metadata_of(existing).get(key) == metadata_of(wanted).get(key) for key in ("labels", "annotations"))
    return not same or existing.get("rules") != wanted.get("rules")


def _bind_creator(cluster: Client, namespace: Body) -> None:
    creator = (metadata_of(namespace).get("annotations") or {}).get(CREATOR)
    if not creator or not cluster.get(USER, creator):
        return
    name = metadata_of(namespace)["name"]
    subject = {"apiGroup": RBAC, "kind": "User", "name": creator}
    body = {
        "metadata": {"name": f"{creator}-admin", "namespace": name, "labels": {USER_REF: creator}},
        "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": "admin"},
        "subjects": [subject],
    }
    _create_once(cluster, ROLE_BINDING, body)


def _create_once(cluster: Client, kind: Kind, body: Body) -> None:
    if cluster.get(kind, metadata_of(body)["name"], metadata_of(body).get("namespace", "")) is None:
        cluster.create(kind, body)
