"""The memory: the Workspace of each namespace, and KubeSphere's own objects by type.

Copies propagated by kubefed are left out: the host has the originals.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import (
    CLUSTER_KEY,
    DEVOPS_PROJECT_KEY,
    GATEWAY_KEY,
    IAM_GROUP,
    KUBEFED_MANAGED_LABEL,
    NAMESPACE_KEY,
    RESOURCE_QUOTA_KEY,
    ROLE_BINDING_KEY,
    ROLE_KEY,
    USER_KEY,
    WORKSPACE_KEY,
    WORKSPACE_LABEL,
    WORKSPACE_TEMPLATE_KEY,
)
from ks_reset.credentials.recorded import as_manifest
from ks_reset.facts.workspaces import workspace_owner
from ks_reset.model import BeforeImage, Body, ClusterFacts, FleetFacts, Membership, Memory, Obj

DISABLED = "Disabled"
ACCESS_KEYS = (
    *(f"{kind}.{IAM_GROUP}" for kind in ("GlobalRole", "User", "Group", "GroupBinding", "GlobalRoleBinding")),
    *(f"{kind}.{IAM_GROUP}" for kind in ("WorkspaceRole", "WorkspaceRoleBinding")),
    RESOURCE_QUOTA_KEY,
)
"""Types of users, roles, bindings and quotas, in the order of their restoration."""
NAMESPACED_KEYS = (ROLE_KEY, ROLE_BINDING_KEY, f"Role.{IAM_GROUP}", f"RoleBinding.{IAM_GROUP}")
"""Roles and bindings in users' namespaces: RBAC's, and in 4.x KubeSphere's own types."""
DERIVED = "kubesphere:iam:"
"""The name prefix of the RBAC objects derived from 4.x's own types (kubesphere v4.1.3, pkg/utils/rbac/name.go)."""
READ_ONLY_KEYS = (CLUSTER_KEY, DEVOPS_PROJECT_KEY, GATEWAY_KEY)
"""Recorded for reading, not restored: their restoration needs credentials or their own controllers."""


def build_memory(facts: FleetFacts) -> Memory:
    """The memory of these facts, without credentials: the facts have only their digests.

    Roles created by KubeSphere from its templates, in each namespace and for each Workspace, are left out.
    """
    bonds = tuple(sorted(bond for cluster in facts.clusters for bond in _memberships_of(cluster)))
    tenancy = [
        (facts.host, obj)
        for key in (WORKSPACE_TEMPLATE_KEY, *ACCESS_KEYS, *READ_ONLY_KEYS)
        for obj in facts.host.of(key)
    ]
    tenancy += [(cluster, obj) for cluster in facts.clusters for obj in _roles_of_namespaces(cluster)]
    objects = [
        BeforeImage(cluster.identity, obj.kind, _remembered_body(obj))
        for cluster, obj in tenancy
        if obj.labels.get(KUBEFED_MANAGED_LABEL) != "true" and not _made_of_template(cluster, obj)
    ]
    return Memory(facts.taken, facts.host.identity, bonds, tuple(objects))


def _memberships_of(cluster: ClusterFacts) -> Iterable[Membership]:
    """The memberships of a cluster's namespaces, except those that KubeSphere bound itself: its own and Kubernetes'.

    ks-installer v3.3.1, roles/common/tasks/init-namespaces.yaml; for extensions catalogue/extensions.py.
    """
    installers = {entry.name for entry in catalogue.load_catalogue().namespaces}
    for namespace in cluster.of(NAMESPACE_KEY):
        owner = workspace_owner(namespace)
        workspace = namespace.labels.get(WORKSPACE_LABEL) or (owner.name if owner else "")
        own = namespace.name in installers or catalogue.own_namespace_entry(namespace) is not None
        if workspace and not own:
            exists = cluster.get(WORKSPACE_KEY, workspace) is not None
            yield Membership(cluster.identity, namespace.name, namespace.uid, workspace, exists)


def _roles_of_namespaces(cluster: ClusterFacts) -> Iterable[Obj]:
    bound = {bond.namespace for bond in _memberships_of(cluster)}
    there = [
        o for key in NAMESPACED_KEYS for o in cluster.of(key) if o.namespace in bound and not o.name.startswith(DERIVED)
    ]
    yield from (
        o for o in there if o.kind.group == IAM_GROUP or catalogue.role_proof(o) or catalogue.role_binding_proof(o)
    )


def _made_of_template(cluster: ClusterFacts, obj: Obj) -> bool:
    """Whether KubeSphere creates a role from a RoleBase or, in 4.x, a BuiltinRole of the cluster.

    kubesphere v3.3.1, pkg/controller/namespace/namespace_controller.go (initRoles) and
    pkg/controller/workspacetemplate/workspacetemplate_controller.go (initWorkspaceRoles).
    """
    bases = [base for kind in ("RoleBase", "BuiltinRole") for base in cluster.of(f"{kind}.{IAM_GROUP}")]
    templates = {(base.body.get("role") or {}).get("kind"): set[str]() for base in bases}
    for base in bases:
        role = base.body.get("role") or {}
        templates[role.get("kind")].add(str((role.get("metadata") or {}).get("name")))
    workspace = f"{obj.labels.get(WORKSPACE_LABEL, '')}-" if obj.kind.kind == "WorkspaceRole" else ""
    return obj.name.removeprefix(workspace) in templates.get(obj.kind.kind, ())


def _remembered_body(obj: Obj) -> Body:
    """An object's body for the memory, without finalizers, kubefed's label (KubeSphere writes both) and passwords.

    Of a User's status only Disabled is kept: a disabled user stays disabled (kubesphere v3.3.1,
    staging/src/kubesphere.io/api/iam/v1alpha2/types.go, UserDisabled; status is no subresource there).
    """
    body = as_manifest(obj.body)
    meta = {k: v for k, v in body["metadata"].items() if k != "finalizers"}
    if labels := meta.get("labels"):
        meta["labels"] = {k: v for k, v in labels.items() if k != KUBEFED_MANAGED_LABEL}
    if obj.kind.key == USER_KEY:
        spec = {k: v for k, v in obj.spec.items() if k != "password"}
        disabled = (obj.body.get("status") or {}).get("state") == DISABLED
        return {**body, "metadata": meta, "spec": spec} | ({"status": {"state": DISABLED}} if disabled else {})
    return {**body, "metadata": meta}


__all__ = ["ACCESS_KEYS", "NAMESPACED_KEYS", "READ_ONLY_KEYS", "build_memory"]
