"""Workspaces, and the namespaces that hang on them.

To 4.1.2, a namespace names its Workspace as controlling owner (kubesphere v3.3.1 and v4.1.2,
pkg/controller/namespace/namespace_controller.go); from 4.1.3 on it has a label and a finalizer, and no owner at all.
"""

from ks_reset.catalogue.names import (
    CASCADING_FINALIZER,
    KUBESPHERE_MANAGED_LABEL,
    NAMESPACE_KEY,
    TENANT_GROUP,
    WORKSPACE_KEY,
    WORKSPACE_LABEL,
)
from ks_reset.model import ClusterFacts, Obj, Owner

WORKSPACE = WORKSPACE_KEY
GROUP = TENANT_GROUP
LABEL = WORKSPACE_LABEL
MANAGED = KUBESPHERE_MANAGED_LABEL
CASCADING = CASCADING_FINALIZER
FOUR = "v1beta1"
"""The version of Workspace in 4.x; in 3.x it is v1alpha1 (config/ks-core/charts/ks-crds/crds of v4.1.1 to v4.1.3)."""


def four(cluster: ClusterFacts) -> bool:
    """Whether a cluster serves Workspaces as KubeSphere 4.x has them."""
    return WORKSPACE_KEY in cluster.kinds and cluster.kinds[WORKSPACE_KEY].version == FOUR


def binding(cluster: ClusterFacts, workspace: str) -> dict[str, str]:
    """The labels that bind a namespace to a Workspace on this cluster; KubeSphere's controller does the rest."""
    return (
        {WORKSPACE_LABEL: workspace, KUBESPHERE_MANAGED_LABEL: "true"}
        if four(cluster)
        else {WORKSPACE_LABEL: workspace}
    )


def workspace_owner(obj: Obj) -> Owner | None:
    """The ownerReference to a Workspace, if the object has one."""
    return next((o for o in obj.owners if (o.group, o.kind) == (TENANT_GROUP, "Workspace")), None)


def namespaces_of(cluster: ClusterFacts, workspace: str) -> list[Obj]:
    """The namespaces that garbage collection would delete after this Workspace."""
    owned = ((ns, workspace_owner(ns)) for ns in cluster.of(NAMESPACE_KEY))
    return [ns for ns, owner in owned if owner and owner.name == workspace]
