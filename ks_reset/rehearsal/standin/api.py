"""Keys, types and small changes to objects, shared by the controllers of the stand-in."""

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ks_reset.cluster import Client
from ks_reset.cluster.transport import NotFound
from ks_reset.model import Body, Kind

AGENT = "ks-controller-manager"
"""The user agent in audit logs."""
WORKSPACE_LABEL = "kubesphere.io/workspace"
NAMESPACE_LABEL = "kubesphere.io/namespace"
CREATOR = "kubesphere.io/creator"
MANAGED = "kubefed.io/managed"
USER_REF = "iam.kubesphere.io/user-ref"
TENANT = "tenant.kubesphere.io"
RBAC = "rbac.authorization.k8s.io"
log = logging.getLogger("ks_reset.rehearsal.standin")

CORE_NAMESPACE = Kind("", "v1", "Namespace", "namespaces", False)
ROLE = Kind(RBAC, "v1", "Role", "roles", True)
ROLE_BINDING = Kind(RBAC, "v1", "RoleBinding", "rolebindings", True)
WORKSPACE = Kind(TENANT, "v1alpha1", "Workspace", "workspaces", False)
TEMPLATE = Kind(TENANT, "v1alpha2", "WorkspaceTemplate", "workspacetemplates", False)
WORKSPACE_ROLE = Kind("iam.kubesphere.io", "v1alpha2", "WorkspaceRole", "workspaceroles", False)
ROLE_BASE = Kind("iam.kubesphere.io", "v1alpha2", "RoleBase", "rolebases", False)
USER = Kind("iam.kubesphere.io", "v1alpha2", "User", "users", False)
FEDERATED_WORKSPACE = Kind("types.kubefed.io", "v1beta1", "FederatedWorkspace", "federatedworkspaces", False)
FEDERATED_ROLE = Kind("types.kubefed.io", "v1beta1", "FederatedWorkspaceRole", "federatedworkspaceroles", False)

Handler = Callable[[Client, Body], None]


def metadata_of(body: Body) -> dict[str, Any]:
    """The metadata, to be read or changed in place."""
    metadata: dict[str, Any] = body["metadata"]
    return metadata


def labels_of(body: Body) -> dict[str, str]:
    """The labels, to be read or changed in place."""
    pairs: dict[str, str] = metadata_of(body).setdefault("labels", {})
    return pairs


def update_object(cluster: Client, kind: Kind, body: Body) -> Body:
    """PUT the whole object with its resourceVersion; returns the answer. Raises Conflict if it has changed since."""
    return cluster.request("PUT", kind.path(metadata_of(body).get("namespace", ""), metadata_of(body)["name"]), body)


def is_deleting(body: Body) -> bool:
    return bool(metadata_of(body).get("deletionTimestamp"))


def add_finalizer(body: Body, finalizer: str) -> bool:
    """Add a finalizer in place; returns whether it was missing."""
    finalizers = metadata_of(body).setdefault("finalizers", [])
    if finalizer in finalizers:
        return False
    finalizers.append(finalizer)
    return True


def drop_finalizer(cluster: Client, kind: Kind, body: Body, *finalizers: str) -> None:
    """Remove these finalizers, and write the object if it had one of them."""
    remaining = [f for f in metadata_of(body).get("finalizers", []) if f not in finalizers]
    if len(remaining) < len(metadata_of(body).get("finalizers", [])):
        metadata_of(body)["finalizers"] = remaining
        update_object(cluster, kind, body)


def delete_with_policy(cluster: Client, kind: Kind, name: str, policy: str = "") -> None:
    """DELETE with this propagationPolicy, or without one as client-go does by default; nothing if it is gone."""
    options = {"kind": "DeleteOptions", "apiVersion": "v1", **({"propagationPolicy": policy} if policy else {})}
    with suppress(NotFound):
        cluster.request("DELETE", kind.path("", name), options)


def controller_of(owner: Body) -> Body:
    """The ownerReference written by controller-runtime's SetControllerReference."""
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": metadata_of(owner)["name"],
        "uid": metadata_of(owner)["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def controlled_by(body: Body, owner: Body) -> bool:
    refs = metadata_of(body).get("ownerReferences", [])
    return any(ref.get("controller") and ref["uid"] == metadata_of(owner)["uid"] for ref in refs)
