"""The workspace, workspacetemplate and workspacerole controllers.

With multi-cluster (on the host), a FederatedWorkspace is created for each WorkspaceTemplate, and kubefed creates the
Workspace; otherwise the Workspace is created directly. For each WorkspaceRole of the host, a FederatedWorkspaceRole
for all clusters is created.

Read in kubesphere/kubesphere v3.3.1 and v3.4.1, which do not differ here:
pkg/controller/workspace/workspace_controller.go,
pkg/controller/workspacetemplate/workspacetemplate_controller.go and
pkg/controller/workspacerole/workspacerole_controller.go.
"""

from functools import partial

from ks_reset.cluster import Client
from ks_reset.model import Body, Kind
from ks_reset.rehearsal.standin.api import (
    CORE_NAMESPACE,
    FEDERATED_ROLE,
    FEDERATED_WORKSPACE,
    MANAGED,
    ROLE_BASE,
    TEMPLATE,
    WORKSPACE,
    WORKSPACE_LABEL,
    WORKSPACE_ROLE,
    Handler,
    add_finalizer,
    controlled_by,
    controller_of,
    delete_with_policy,
    drop_finalizer,
    is_deleting,
    labels_of,
    metadata_of,
    update_object,
)
from ks_reset.rehearsal.standin.namespaces import bind_workspace

FINALIZER = "finalizers.tenant.kubesphere.io"
ORPHAN_FINALIZER = "orphan.finalizers.kubesphere.io"
DELETE_OPTION, ORPHAN_OPTION = "kubefed.io/deleteoption", '{"propagationPolicy":"Orphan"}'
TEMPLATE_FINALIZER = "finalizers.workspacetemplate.kubesphere.io"


def reconcile_workspace(cluster: Client, body: Body) -> None:
    """Add the finalizer and bind every namespace with its label; on deletion, remove the finalizer."""
    if is_deleting(body):
        drop_finalizer(cluster, WORKSPACE, body, FINALIZER)
        return
    if add_finalizer(body, FINALIZER):
        body = update_object(cluster, WORKSPACE, body)
    for namespace in cluster.list(CORE_NAMESPACE, labels=f"{WORKSPACE_LABEL}={metadata_of(body)['name']}"):
        if labels_of(namespace).get(MANAGED) != "true":
            bind_workspace(cluster, namespace, body)


def template_handler(*, multicluster: bool) -> Handler:
    return partial(_reconcile_template, multicluster)


def _reconcile_template(multicluster: bool, cluster: Client, body: Body) -> None:
    if is_deleting(body):
        finalizers = metadata_of(body).get("finalizers", [])
        if {TEMPLATE_FINALIZER, ORPHAN_FINALIZER} & set(finalizers):
            _take_down(multicluster, cluster, metadata_of(body)["name"], orphans=ORPHAN_FINALIZER in finalizers)
            drop_finalizer(cluster, TEMPLATE, body, TEMPLATE_FINALIZER, ORPHAN_FINALIZER)
        return
    if add_finalizer(body, TEMPLATE_FINALIZER):
        body = update_object(cluster, TEMPLATE, body)
    if multicluster:
        body = _mark_unmanaged(cluster, TEMPLATE, body)
        _mirror_object(cluster, FEDERATED_WORKSPACE, metadata_of(body)["name"], labels_of(body), body["spec"])
    else:
        inner = body["spec"]["template"]
        given = (inner.get("metadata") or {}).get("labels") or {}
        _mirror_object(cluster, WORKSPACE, metadata_of(body)["name"], given, inner.get("spec") or {})
    _workspace_roles(cluster, body)


def role_handler(*, multicluster: bool) -> Handler:
    return partial(_reconcile_role, multicluster)


def _reconcile_role(multicluster: bool, cluster: Client, body: Body) -> None:
    if labels_of(body).get(MANAGED) == "true":
        return
    owner = (
        cluster.get(TEMPLATE, labels_of(body).get(WORKSPACE_LABEL, ""))
        if labels_of(body).get(WORKSPACE_LABEL)
        else None
    )
    if owner and not controlled_by(body, owner):
        metadata_of(body)["ownerReferences"] = [controller_of(owner)]
        body = update_object(cluster, WORKSPACE_ROLE, body)
    if not multicluster:
        return
    body = _mark_unmanaged(cluster, WORKSPACE_ROLE, body)
    if cluster.get(FEDERATED_ROLE, metadata_of(body)["name"]) is None:
        inner = {"metadata": {"labels": labels_of(body)}, "rules": body.get("rules")}
        spec = {"template": inner, "placement": {"clusterSelector": {}}}
        own = {"name": metadata_of(body)["name"], "ownerReferences": [controller_of(body)]}
        cluster.create(FEDERATED_ROLE, _typed_body(FEDERATED_ROLE, own, spec))


def _mirror_object(cluster: Client, kind: Kind, name: str, marks: dict[str, str], spec: Body) -> None:
    existing = cluster.get(kind, name)
    if existing is None:
        cluster.create(kind, _typed_body(kind, {"name": name, "labels": marks}, spec))
    elif existing.get("spec") != spec or (labels_of(existing) or {}) != marks:
        update_object(cluster, kind, {**existing, "spec": spec, "metadata": {**metadata_of(existing), "labels": marks}})


def _take_down(multicluster: bool, cluster: Client, name: str, *, orphans: bool) -> None:
    """Delete FederatedWorkspace and Workspace; with multi-cluster and without the former, nothing (deleteWorkspace).

    With the orphan finalizer both are deleted with the policy Orphan, and the namespaces stay.
    """
    if multicluster:
        federated = cluster.get(FEDERATED_WORKSPACE, name)
        if federated is None:
            return
        if orphans:
            metadata_of(federated).setdefault("annotations", {})[DELETE_OPTION] = ORPHAN_OPTION
            update_object(cluster, FEDERATED_WORKSPACE, federated)
        else:
            for namespace in cluster.list(CORE_NAMESPACE, labels=f"{WORKSPACE_LABEL}={name}"):
                delete_with_policy(cluster, CORE_NAMESPACE, metadata_of(namespace)["name"])
        delete_with_policy(cluster, FEDERATED_WORKSPACE, name)
    delete_with_policy(cluster, WORKSPACE, name, "Orphan" if orphans else "")


def _workspace_roles(cluster: Client, owner: Body) -> None:
    name = metadata_of(owner)["name"]
    for base in cluster.list(ROLE_BASE):
        wanted = base.get("role") or {}
        full = f"{name}-{(wanted.get('metadata') or {}).get('name')}"
        if wanted.get("kind") == "WorkspaceRole" and cluster.get(WORKSPACE_ROLE, full) is None:
            marks = {**(metadata_of(wanted).get("labels") or {}), WORKSPACE_LABEL: name}
            cluster.create(
                WORKSPACE_ROLE, {**wanted, "metadata": {**metadata_of(wanted), "name": full, "labels": marks}}
            )


def _mark_unmanaged(cluster: Client, kind: Kind, body: Body) -> Body:
    """Label an object of the host as unmanaged, so that kubefed neither adopts nor deletes it."""
    if labels_of(body).get(MANAGED) == "false":
        return body
    labels_of(body)[MANAGED] = "false"
    return update_object(cluster, kind, body)


def _typed_body(kind: Kind, metadata: Body, spec: Body) -> Body:
    return {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": metadata, "spec": spec}
