"""Workspaces, and the namespaces that hang on them.

To 4.1.2, a namespace names its Workspace as controlling owner (kubesphere v3.3.1 and v4.1.2,
pkg/controller/namespace/namespace_controller.go); from 4.1.3 on it has a label and a finalizer, and no owner at all.
"""

from ks_reset.model import ClusterFacts, Obj, Owner

WORKSPACE = "Workspace.tenant.kubesphere.io"
GROUP = "tenant.kubesphere.io"
LABEL = "kubesphere.io/workspace"
MANAGED = "kubesphere.io/managed"
"""4.x makes its roles in a bound namespace that says "true" here, and 4.1.2 makes its Workspace the owner of no other
(kubesphere v4.1.2, config/ks-core/templates/builtinroles.yaml, pkg/controller/namespace/namespace_controller.go). The
hook of its uninstall wipes every namespace that says so (config/ks-core/charts/ks-crds/scripts/post-delete.sh)."""
CASCADING = "kubesphere.io/cascading-deletion"
"""The finalizer on a bound namespace from 4.1.3 on (pkg/constants/constants.go)."""
FOUR = "v1beta1"
"""The version of Workspace in 4.x; in 3.x it is v1alpha1 (config/ks-core/charts/ks-crds/crds of v4.1.1 to v4.1.3)."""


def four(world: ClusterFacts) -> bool:
    """Whether a cluster serves Workspaces as KubeSphere 4.x has them."""
    return WORKSPACE in world.kinds and world.kinds[WORKSPACE].version == FOUR


def binding(world: ClusterFacts, workspace: str) -> dict[str, str]:
    """The labels that bind a namespace to a Workspace on this cluster; KubeSphere's controller does the rest."""
    return {LABEL: workspace, MANAGED: "true"} if four(world) else {LABEL: workspace}


def workspace_owner(obj: Obj) -> Owner | None:
    """The ownerReference to a Workspace, if the object has one."""
    return next((o for o in obj.owners if (o.group, o.kind) == (GROUP, "Workspace")), None)


def namespaces_of(world: ClusterFacts, workspace: str) -> list[Obj]:
    """The namespaces that garbage collection would delete after this Workspace."""
    owned = ((ns, workspace_owner(ns)) for ns in world.of("Namespace"))
    return [ns for ns, owner in owned if owner and owner.name == workspace]
