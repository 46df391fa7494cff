"""The Clusters of a host: the client for each ready one in 4.1.3, and those 3.x joins to kubefed.

Read in kubesphere/kubesphere v4.1.3, pkg/utils/clusterclient/clusterclient.go and
pkg/controller/workspacetemplate/workspacetemplate_controller.go (multiClusterSync,
workspaceTemplateCascadingDeletion); v3.3.1, pkg/controller/cluster/cluster_controller.go
(syncCluster) and join.go (checkWorkspaces).
"""

import tempfile
from base64 import b64decode
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from msgspec import Struct

from ks_reset.catalogue.names import HOST_ROLE_LABEL, KUBEFED_CLUSTER_KIND, KUBEFED_NAMESPACE
from ks_reset.cluster import Client, Target, connect_client
from ks_reset.errors import ResetError
from ks_reset.model import Body, Kind
from ks_reset.rehearsal.standin.api import (
    AGENT,
    FEDERATED_WORKSPACE,
    MANAGED,
    WORKSPACE,
    is_deleting,
    labels_of,
    metadata_of,
)

CLUSTER = Kind("cluster.kubesphere.io", "v1alpha1", "Cluster", "clusters", False)


class ReadyCluster(Struct, frozen=True):
    """A ready Cluster, and the client for the cluster behind it."""

    name: str
    labels: dict[str, str]
    client: Client


def ready_clusters(host: Client, *, all_needed: bool = False) -> Iterator[ReadyCluster]:
    """The ready Clusters, in turn. Raises ResetError after the last one if another one is not and `all_needed`."""
    waiting = []
    for body in host.list(CLUSTER):
        conditions = (body.get("status") or {}).get("conditions") or []
        name = str(metadata_of(body)["name"])
        if any((c["type"], c["status"]) == ("Ready", "True") for c in conditions):
            yield ReadyCluster(name, labels_of(body), client_of(host, body))
        else:
            waiting.append(name)
    if waiting and all_needed:
        raise ResetError(f"cluster not ready: {', '.join(waiting)}")


def clusters_to_join(host: Client) -> list[Body]:
    """The Clusters that wish to be in the federation and have no KubeFedCluster."""
    recorded = {metadata_of(record)["name"] for record in host.list(KUBEFED_CLUSTER_KIND, KUBEFED_NAMESPACE)}
    return [
        cluster
        for cluster in host.list(CLUSTER)
        if cluster["spec"].get("joinFederation")
        and cluster["spec"].get("connection", {}).get("kubeconfig")
        and not is_deleting(cluster)
        and metadata_of(cluster)["name"] not in recorded
        and not _is_refused(host, cluster)
    ]


def label_record(host: Client, name: str) -> None:
    """Give a KubeFedCluster the labels of its Cluster, as each join of KubeSphere does (createKubeFedCluster)."""
    cluster = host.get(CLUSTER, name)
    if cluster and labels_of(cluster):
        host.merge_patch(KUBEFED_CLUSTER_KIND, name, KUBEFED_NAMESPACE, {"metadata": {"labels": labels_of(cluster)}})


def _is_refused(host: Client, cluster: Body) -> bool:
    """Whether a managed Workspace there has a FederatedWorkspace that does not name the Cluster (checkWorkspaces)."""
    for workspace in client_of(host, cluster).list(WORKSPACE, labels=f"{MANAGED}=true"):
        federated = host.get(FEDERATED_WORKSPACE, metadata_of(workspace)["name"]) or {}
        named = ((federated.get("spec") or {}).get("placement") or {}).get("clusters")
        if named is not None and metadata_of(cluster)["name"] not in {each["name"] for each in named}:
            return True
    return False


def client_of(host: Client, cluster: Body) -> Client:
    """The client by the kubeconfig of the Cluster; the host's own may have none here."""
    kubeconfig = ((cluster.get("spec") or {}).get("connection") or {}).get("kubeconfig")
    if not kubeconfig and HOST_ROLE_LABEL in labels_of(cluster):
        return host
    return _connect(str(kubeconfig))


@lru_cache
def _connect(kubeconfig: str) -> Client:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kubeconfig"
        path.write_bytes(b64decode(kubeconfig))
        return connect_client(Target(str(path), agent=AGENT))
