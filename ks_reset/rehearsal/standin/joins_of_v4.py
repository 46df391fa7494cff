"""The stand-in for KubeSphere 4.1.3's cluster controller: it puts ks-core on a member by helm, then calls it ready.

Read in kubesphere/kubesphere v4.1.3, pkg/controller/cluster/cluster_controller.go (Reconcile, reconcileMemberCluster,
syncClusterName, cleanup, unbindWorkspaceTemplate) and helper.go (installKSCoreInMemberCluster). Left out: versions,
nodes, administrators, members of clusters, and the date at which a kubeconfig expires.
"""

from collections.abc import Callable

from ks_reset.catalogue.names import CLUSTER_KIND, CLUSTER_NAME_ANNOTATION, KUBESPHERE_NAMESPACE
from ks_reset.cluster import Client
from ks_reset.model import Body
from ks_reset.rehearsal.standin.api import (
    CORE_NAMESPACE,
    add_finalizer,
    drop_finalizer,
    is_deleting,
    metadata_of,
    update_object,
)
from ks_reset.rehearsal.standin.clusters import client_of
from ks_reset.rehearsal.standin.v4 import TEMPLATE

FINALIZER = "finalizer.cluster.kubesphere.io"
HOST_NAME_ANNOTATION = "cluster.kubesphere.io/host-cluster"
INSTALLED, READY = "KSCoreReady", "Ready"

Install = Callable[[Client, Body], None]
"""Puts ks-core on the cluster behind a Cluster, with the host's jwtSecret, and waits for it."""


def reconcile_clusters(host: Client, host_name: str, install: Install) -> None:
    """Take each Cluster one round further. Raises ResetError if one cannot be reached, or `install` fails."""
    for cluster in host.list(CLUSTER_KIND):
        if is_deleting(cluster):
            _release_member(host, cluster)
        elif _connection(cluster).get("kubeconfig"):
            _join_member(host, host_name, cluster, install)


def _join_member(host: Client, host_name: str, cluster: Body, install: Install) -> None:
    member = client_of(host, cluster)
    status, connection = cluster.setdefault("status", {}), _connection(cluster)
    changed = add_finalizer(cluster, FINALIZER)
    if not connection.get("kubernetesAPIEndpoint") or status.get("uid") != member.read_identity():
        connection["kubernetesAPIEndpoint"], status["uid"] = member.server, member.identity
        changed = True
    if member.identity != host.read_identity() and not _has_condition(cluster, INSTALLED):
        install(member, cluster)
        _set_condition(cluster, INSTALLED)
        changed = True
    annotations = {CLUSTER_NAME_ANNOTATION: metadata_of(cluster)["name"], HOST_NAME_ANNOTATION: host_name}
    member.merge_patch(CORE_NAMESPACE, KUBESPHERE_NAMESPACE, "", {"metadata": {"annotations": annotations}})
    if changed or not _has_condition(cluster, READY):
        _set_condition(cluster, READY)
        update_object(host, CLUSTER_KIND, cluster)


def _release_member(host: Client, cluster: Body) -> None:
    """Templates no longer name the cluster, and its namespace no longer names the host; then the finalizer goes."""
    if FINALIZER not in metadata_of(cluster).get("finalizers", []):
        return
    name = metadata_of(cluster)["name"]
    for template in host.list(TEMPLATE):
        placement = template["spec"].get("placement") or {}
        named = placement.get("clusters") or []
        if any(each["name"] == name for each in named):
            placement["clusters"] = [each for each in named if each["name"] != name]
            update_object(host, TEMPLATE, template)
    if _has_condition(cluster, READY):
        member = client_of(host, cluster)
        if member.get(CORE_NAMESPACE, KUBESPHERE_NAMESPACE):
            annotations = dict.fromkeys((CLUSTER_NAME_ANNOTATION, HOST_NAME_ANNOTATION))
            member.merge_patch(CORE_NAMESPACE, KUBESPHERE_NAMESPACE, "", {"metadata": {"annotations": annotations}})
    drop_finalizer(host, CLUSTER_KIND, cluster, FINALIZER)


def _connection(cluster: Body) -> Body:
    connection: Body = cluster.setdefault("spec", {}).setdefault("connection", {})
    return connection


def _has_condition(cluster: Body, kind: str) -> bool:
    conditions = (cluster.get("status") or {}).get("conditions") or []
    return any((each["type"], each["status"]) == (kind, "True") for each in conditions)


def _set_condition(cluster: Body, kind: str) -> None:
    others = [each for each in cluster["status"].get("conditions") or [] if each["type"] != kind]
    cluster["status"]["conditions"] = [*others, {"type": kind, "status": "True", "reason": kind}]
