"""The stand-in for KubeSphere 4.1.3: its namespace, workspace and workspacetemplate controllers.

A namespace no longer names a Workspace as its owner: it gets a finalizer and roles, and loses all owners. When a
Workspace is deleted, its label is removed from its namespaces, or they are deleted, as an annotation says. A template
creates its Workspace on every matching, ready Cluster and deletes it on all others; being deleted, it deletes it on
every Cluster, and stays while one is not ready.

Read in kubesphere/kubesphere v4.1.3, pkg/controller/namespace/namespace_controller.go,
pkg/controller/workspace/workspace_controller.go and
pkg/controller/workspacetemplate/workspacetemplate_controller.go.
"""

from typing import Any

from ks_reset.cluster import Client
from ks_reset.facts.label_selectors import selector_matches
from ks_reset.model import Body, Kind
from ks_reset.rehearsal.standin.api import (
    CORE_NAMESPACE,
    CREATOR,
    TENANT,
    USER_REF,
    WORKSPACE_LABEL,
    Handler,
    add_finalizer,
    delete_with_policy,
    drop_finalizer,
    is_deleting,
    labels_of,
    metadata_of,
    update_object,
)
from ks_reset.rehearsal.standin.clusters import ReadyCluster, ready_clusters

IAM = "iam.kubesphere.io"
WORKSPACE = Kind(TENANT, "v1beta1", "Workspace", "workspaces", False)
TEMPLATE = Kind(TENANT, "v1beta1", "WorkspaceTemplate", "workspacetemplates", False)
ROLE = Kind(IAM, "v1beta1", "Role", "roles", True)
ROLE_BINDING = Kind(IAM, "v1beta1", "RoleBinding", "rolebindings", True)
WORKSPACE_ROLE = Kind(IAM, "v1beta1", "WorkspaceRole", "workspaceroles", False)
WORKSPACE_BINDING = Kind(IAM, "v1beta1", "WorkspaceRoleBinding", "workspacerolebindings", False)
BUILT_IN = Kind(IAM, "v1beta1", "BuiltinRole", "builtinroles", False)
CASCADING = "kubesphere.io/cascading-deletion"
PROPAGATION = "kubesphere.io/deletion-propagation"
LEGACY = (
    *("finalizers.kubesphere.io/namespaces", "finalizers.tenant.kubesphere.io"),
    "finalizers.workspacetemplate.kubesphere.io",
)
WRITTEN = ("labels", "annotations")
SCOPE, ROLE_REF = "iam.kubesphere.io/scope", "iam.kubesphere.io/role-ref"


def reconcile_namespace(cluster: Client, body: Body) -> None:
    """Write roles and finalizer and remove owners in a Workspace; outside one, remove roles."""
    if is_deleting(body):
        drop_finalizer(cluster, CORE_NAMESPACE, body, CASCADING)
    elif WORKSPACE_LABEL not in labels_of(body):
        _remove_roles(cluster, body)
    elif CASCADING not in metadata_of(body).get("finalizers", []):
        _namespace_roles(cluster, body)
        creator = metadata_of(body).get("annotations", {}).get(CREATOR)
        about = {"name": f"{creator}-admin", "namespace": metadata_of(body)["name"]}
        _bind_user(cluster, ROLE_BINDING, creator, "admin", about)
        _replace_finalizers(body)
        metadata_of(body)["ownerReferences"] = []
        update_object(cluster, CORE_NAMESPACE, body)


def reconcile_workspace(cluster: Client, body: Body) -> None:
    """Add the finalizer; on deletion, release or delete its namespaces, then remove the finalizer."""
    if not is_deleting(body):
        if _replace_finalizers(body):
            update_object(cluster, WORKSPACE, body)
    elif CASCADING in metadata_of(body).get("finalizers", []):
        _cascade_deletion(cluster, body)
        drop_finalizer(cluster, WORKSPACE, body, CASCADING)


def reconcile_template(cluster: Client, body: Body) -> None:
    """Write the Workspace's roles, its manager's binding, and the Workspace itself."""
    name = metadata_of(body)["name"]
    if is_deleting(body):
        if CASCADING in metadata_of(body).get("finalizers", []):
            for there in ready_clusters(cluster, all_needed=True):
                _take_down(there.client, name, metadata_of(body).get("annotations", {}).get(PROPAGATION))
            drop_finalizer(cluster, TEMPLATE, body, CASCADING)
    elif CASCADING not in metadata_of(body).get("finalizers", []):
        _workspace_roles(cluster, name)
        manager = body["spec"]["template"].get("spec", {}).get("manager")
        about = {"name": f"{name}-admin", "labels": {WORKSPACE_LABEL: name}}
        _bind_user(cluster, WORKSPACE_BINDING, manager, f"{name}-admin", about)
        _replace_finalizers(body)
        update_object(cluster, TEMPLATE, body)
    else:
        for there in ready_clusters(cluster):
            _place_workspace(there, body)


HANDLERS: dict[Kind, Handler] = {
    WORKSPACE: reconcile_workspace,
    CORE_NAMESPACE: reconcile_namespace,
    TEMPLATE: reconcile_template,
}


def _replace_finalizers(body: Body) -> bool:
    """Replace the finalizers of 3.x by that of 4.1.3, in place; returns whether it was missing."""
    metadata_of(body)["finalizers"] = [f for f in metadata_of(body).get("finalizers", []) if f not in LEGACY]
    return add_finalizer(body, CASCADING)


def _remove_roles(cluster: Client, namespace: Body) -> None:
    for kind in (ROLE, ROLE_BINDING):
        for role in cluster.list(kind, metadata_of(namespace)["name"]):
            cluster.delete(kind, metadata_of(role)["name"], metadata_of(namespace)["name"])
    owners = metadata_of(namespace).get("ownerReferences", [])
    others = [owner for owner in owners if owner["kind"] != "Workspace"]
    if len(others) < len(owners):
        metadata_of(namespace)["ownerReferences"] = others
        update_object(cluster, CORE_NAMESPACE, namespace)


def _cascade_deletion(cluster: Client, workspace: Body) -> None:
    how = metadata_of(workspace).get("annotations", {}).get(PROPAGATION, "")
    for namespace in cluster.list(CORE_NAMESPACE, labels=f"{WORKSPACE_LABEL}={metadata_of(workspace)['name']}"):
        if how in ("", "Orphan"):
            del labels_of(namespace)[WORKSPACE_LABEL]
            update_object(cluster, CORE_NAMESPACE, namespace)
        elif how in ("Foreground", "Background"):
            delete_with_policy(cluster, CORE_NAMESPACE, metadata_of(namespace)["name"])


def _take_down(cluster: Client, name: str, how: str | None) -> None:
    workspace = cluster.get(WORKSPACE, name)
    if workspace and not is_deleting(workspace):
        cluster.merge_patch(WORKSPACE, name, "", {"metadata": {"annotations": {PROPAGATION: how or ""}}})
        delete_with_policy(cluster, WORKSPACE, name)


def _place_workspace(there: ReadyCluster, template: Body) -> None:
    placement, inner = template["spec"].get("placement") or {}, template["spec"]["template"]
    names, selector = [each["name"] for each in placement.get("clusters") or []], placement.get("clusterSelector")
    matches = there.name in names if names else selector is not None and selector_matches(selector, there.labels)
    name = metadata_of(template)["name"]
    existing = there.client.get(WORKSPACE, name)
    if existing and not matches:
        delete_with_policy(there.client, WORKSPACE, name)
    elif matches:
        _write_workspace(there.client, name, inner, existing)


def _write_workspace(cluster: Client, name: str, inner: Body, existing: Body | None) -> None:
    """Create the Workspace, or add the template's labels and annotations to it and write its spec."""
    about, spec = inner.get("metadata") or {}, inner.get("spec") or {}
    if existing is None:
        _create_missing(cluster, WORKSPACE, {**about, "name": name}, spec=spec)
        return
    marks = {key: {**(metadata_of(existing).get(key) or {}), **(about.get(key) or {})} for key in WRITTEN}
    wanted = {**existing, "spec": spec, "metadata": {**metadata_of(existing), **{k: v for k, v in marks.items() if v}}}
    if wanted != {"spec": {}, **existing}:
        update_object(cluster, WORKSPACE, wanted)


def _namespace_roles(cluster: Client, namespace: Body) -> None:
    for base in cluster.list(BUILT_IN, labels=f"{SCOPE}=namespace"):
        if selector_matches(base.get("targetSelector"), labels_of(namespace)):
            _write_role(
                cluster, ROLE, base["role"], base["role"]["metadata"]["name"], {}, metadata_of(namespace)["name"]
            )


def _workspace_roles(cluster: Client, workspace: str) -> None:
    for base in cluster.list(BUILT_IN, labels=f"{SCOPE}=workspace"):
        name = f"{workspace}-{base['role']['metadata']['name']}"
        _write_role(cluster, WORKSPACE_ROLE, base["role"], name, {WORKSPACE_LABEL: workspace})


def _write_role(cluster: Client, kind: Kind, role: Body, name: str, marks: dict[str, str], namespace: str = "") -> None:
    where = {"namespace": namespace} if namespace else {}
    if cluster.get(kind, name, namespace) is None:
        cluster.create(kind, {**role, "metadata": {**role["metadata"], "name": name, "labels": marks, **where}})


def _bind_user(cluster: Client, kind: Kind, user: str | None, role: str, about: Body) -> None:
    """Bind a user as the administrator of a namespace or Workspace, once."""
    if not user or cluster.get(kind, about["name"], about.get("namespace", "")):
        return
    marks = {**about.get("labels", {}), USER_REF: user, ROLE_REF: role}
    ref = {"apiGroup": IAM, "kind": kind.kind.removesuffix("Binding"), "name": role}
    subjects = [{"apiGroup": IAM, "kind": "User", "name": user}]
    _create_missing(cluster, kind, {**about, "labels": marks}, roleRef=ref, subjects=subjects)


def _create_missing(cluster: Client, kind: Kind, metadata: Body, **rest: Any) -> None:
    cluster.create(kind, {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": metadata, **rest})
