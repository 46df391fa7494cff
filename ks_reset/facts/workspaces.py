"""Workspaces, and the namespaces that hang on them.

A namespace names its Workspace as controlling owner (kubesphere v3.3.1,
pkg/controller/namespace/namespace_controller.go, bindWorkspace).
"""

from ks_reset.model import Obj, Owner, World

WORKSPACE = "Workspace.tenant.kubesphere.io"
GROUP = "tenant.kubesphere.io"
LABEL = "kubesphere.io/workspace"


def workspace_owner(obj: Obj) -> Owner | None:
    """The ownerReference to a Workspace, if the object has one."""
    return next((o for o in obj.owners if (o.group, o.kind) == (GROUP, "Workspace")), None)


def namespaces_of(world: World, workspace: str) -> list[Obj]:
    """The namespaces that garbage collection would delete after this Workspace."""
    owned = ((ns, workspace_owner(ns)) for ns in world.of("Namespace"))
    return [ns for ns, owner in owned if owner and owner.name == workspace]
