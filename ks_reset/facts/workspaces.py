"""Workspaces, and the namespaces bound to them.

To 4.1.2, a namespace names its Workspace as controlling owner (kubesphere v3.3.1 and v4.1.2,
pkg/controller/namespace/namespace_controller.go); from 4.1.3 on it has a label and a finalizer, and no owner at all.
"""

from ks_reset.catalogue.names import (
    KUBESPHERE_MANAGED_LABEL,
    NAMESPACE_KEY,
    TENANT_GROUP,
    WORKSPACE_KEY,
    WORKSPACE_LABEL,
)
from ks_reset.model import ClusterFacts, Obj, Owner

V4_VERSION = "v1beta1"
"""The API version of Workspace in 4.x, v1alpha1 in 3.x (config/ks-core/charts/ks-crds/crds of v4.1.1 to v4.1.3)."""


def serves_v4(cluster: ClusterFacts) -> bool:
    """Whether a cluster serves the Workspaces of KubeSphere 4.x."""
    return WORKSPACE_KEY in cluster.kinds and cluster.kinds[WORKSPACE_KEY].version == V4_VERSION


def membership_labels(cluster: ClusterFacts, workspace: str) -> dict[str, str]:
    """The labels binding a namespace to a Workspace on this cluster; KubeSphere's controller does the rest."""
    labels = {WORKSPACE_LABEL: workspace}
    return labels | {KUBESPHERE_MANAGED_LABEL: "true"} if serves_v4(cluster) else labels


def workspace_owner(obj: Obj) -> Owner | None:
    """An object's ownerReference to a Workspace; None without."""
    return next((o for o in obj.owners if (o.group, o.kind) == (TENANT_GROUP, "Workspace")), None)


def namespaces_by_workspace(cluster: ClusterFacts) -> dict[str, list[Obj]]:
    """The namespaces owned by a Workspace, by its name; garbage collection deletes them after it."""
    owned: dict[str, list[Obj]] = {}
    for namespace in cluster.of(NAMESPACE_KEY):
        if owner := workspace_owner(namespace):
            owned.setdefault(owner.name, []).append(namespace)
    return owned
