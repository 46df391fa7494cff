"""Stand-ins for ks-installer, kubelets and the cluster controller, since no pod can run on a plane.

- ks-installer: for a ClusterConfiguration without a status, the scenario's objects of an installation are applied;
  then its status is written (ks-installer v3.3.1, roles/*/tasks: one `status` a component, `core.version` last).
- kubelets: a Pod in KubeSphere's namespaces without a program gets the status of a running one.
- the cluster controller, while ks-controller-manager runs: the host's own Cluster is created, and each Cluster is
  joined by the real kubefedctl, again if its KubeFedCluster is gone (kubesphere v3.3.1,
  pkg/controller/cluster/cluster_controller.go).
"""

import threading
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Set
from contextlib import contextmanager
from functools import partial

import yaml

from ks_reset import catalogue
from ks_reset.catalogue.names import (
    CLUSTER_CONFIGURATION_KIND,
    DEPLOYMENT_KIND,
    HOST_ROLE_LABEL,
    KS_INSTALLER,
    KUBESPHERE_NAMESPACE,
    NAMESPACE_KIND,
    POD_KIND,
)
from ks_reset.cluster import Client
from ks_reset.cluster.client import MERGE_PATCH
from ks_reset.errors import ResetError
from ks_reset.model import Body
from ks_reset.rehearsal import kubefed
from ks_reset.rehearsal.build import STANDIN
from ks_reset.rehearsal.fleet import RehearsalFleet
from ks_reset.rehearsal.kubefed import Join
from ks_reset.rehearsal.standin.api import metadata_of
from ks_reset.rehearsal.standin.clusters import CLUSTER, clusters_to_join, label_record

POLL = 0.5
RUNNING: Body = {
    "phase": "Running",
    "conditions": [{"type": kind, "status": "True"} for kind in ("Ready", "ContainersReady")],
    "containerStatuses": None,
}


@contextmanager
def carry_out_installations(world: RehearsalFleet, lacking_image: Set[str] = frozenset()) -> Iterator[None]:
    """Carry out installations and joins inside the block.

    `lacking_image` are names of Deployments without an image; the caller may change the set meanwhile.
    """
    turns = [turn for plane in world.clusters for turn in _installer_turns(world, plane, lacking_image)]
    with repeat_in_background(turns, world.say):
        yield


@contextmanager
def repeat_in_background(turns: Iterable[Callable[[], None]], say: Callable[[str], None]) -> Iterator[None]:
    """Call each of `turns` repeatedly inside the block, each in a thread of its own."""
    over = threading.Event()
    threads = [threading.Thread(target=partial(_repeat_turns, turn, say, over), daemon=True) for turn in turns]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _repeat_turns(turn: Callable[[], None], say: Callable[[str], None], over: threading.Event) -> None:
    while not over.wait(POLL):
        try:
            turn()
        except ResetError as error:  # repeated at the next turn
            say(str(error))


def _installer_turns(world: RehearsalFleet, plane: str, lacking_image: Set[str]) -> Iterator[Callable[[], None]]:
    cluster = world.clusters[plane]
    programs = {name for where, name in world.kubelets if where == plane}
    yield partial(_carry_out_configuration, world, plane, cluster)
    yield partial(report_pods, cluster, programs, lacking_image)
    yield partial(_join_clusters, world, plane, cluster)


def _carry_out_configuration(world: RehearsalFleet, plane: str, cluster: Client) -> None:
    installer = cluster.get(DEPLOYMENT_KIND, KS_INSTALLER, KUBESPHERE_NAMESPACE)
    wanted = cluster.get(CLUSTER_CONFIGURATION_KIND, KS_INSTALLER, KUBESPHERE_NAMESPACE)
    if not installer or not installer["spec"]["replicas"] or wanted is None or (wanted.get("status") or {}).get("core"):
        return
    world.say(f"the stand-in of ks-installer installs on {plane}")
    world.fill(plane)
    on = {"status": "enabled"}
    status = {"core": {**on, "version": wanted["metadata"]["labels"]["version"]}, "monitoring": on}
    if wanted["spec"]["multicluster"]["clusterRole"] == "host":
        status["multicluster"] = on
    cluster.merge_patch(CLUSTER_CONFIGURATION_KIND, KS_INSTALLER, KUBESPHERE_NAMESPACE, {"status": status})


def report_pods(cluster: Client, programs: Set[str], lacking_image: Set[str] = frozenset()) -> None:
    """Set each Pending Pod of KubeSphere's to Running, or to waiting for its image; Pods of `programs` are skipped."""
    for pod in cluster.list(POD_KIND):
        meta, status = pod["metadata"], pod["status"]
        runs = any(meta["name"].startswith(f"{name}-") for name in programs)
        if runs or not catalogue.system_namespace(meta["namespace"]) or status.get("phase") != "Pending":
            continue
        state = RUNNING
        if any(meta["name"].startswith(f"{name}-") for name in lacking_image):
            if status.get("containerStatuses"):
                continue
            state = {"containerStatuses": [_without_image(container) for container in pod["spec"]["containers"]]}
        cluster.request(
            "PATCH", f"{POD_KIND.path(meta['namespace'], meta['name'])}/status", {"status": state}, MERGE_PATCH
        )


def _without_image(container: Body) -> Body:
    waiting = {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}
    about = {"name": container["name"], "image": container["image"], "imageID": "", "ready": False, "restartCount": 0}
    return {**about, "state": {"waiting": waiting}}


def _join_clusters(world: RehearsalFleet, plane: str, host: Client) -> None:
    manager = world.kubelets.get((plane, STANDIN[1]))
    if plane != world.scenario.kubefed.host or manager is None or not manager.running:
        return
    clusters = host.list(CLUSTER)
    if not any(HOST_ROLE_LABEL in (cluster["metadata"].get("labels") or {}) for cluster in clusters):
        host.create(CLUSTER, _own_cluster(world, plane))
    fresh = [cluster for cluster in clusters if not (cluster.get("status") or {}).get("conditions")]
    unrecorded = {metadata_of(cluster)["name"] for cluster in clusters_to_join(host)}
    for cluster in clusters:
        if cluster in fresh or cluster["metadata"]["name"] in unrecorded:
            _join_cluster(world, host, cluster)


def _own_cluster(world: RehearsalFleet, plane: str) -> Body:
    spec = {"joinFederation": True, "enable": True, "provider": "kubesphere"}
    config = b64encode((world.kubeconfig.parent / plane / "kubeconfig").read_bytes()).decode()
    marks = {HOST_ROLE_LABEL: "", "kubesphere.io/managed": "true"}
    connection = {"type": "direct", "kubeconfig": config}
    about = {"apiVersion": CLUSTER.api_version, "kind": CLUSTER.kind}
    return {**about, "metadata": {"name": plane, "labels": marks}, "spec": {**spec, "connection": connection}}


def _join_cluster(world: RehearsalFleet, host: Client, body: Body) -> None:
    name = body["metadata"]["name"]
    config = yaml.safe_load(b64decode(body["spec"]["connection"]["kubeconfig"]))
    server = config["clusters"][0]["cluster"]["server"]
    plane, member = next((p, c) for p, c in world.clusters.items() if c.server == server)
    kubefed.join_cluster(world.kubefed, world.kubeconfig, world.scenario.kubefed.host, member, Join(name, plane))
    label_record(host, name)
    identity = (member.get(NAMESPACE_KIND, "kube-system") or {})["metadata"]["uid"]
    conditions = [{"type": kind, "status": "True"} for kind in ("Federated", "Ready")]
    host.merge_patch(CLUSTER, name, "", {"status": {"uid": identity, "conditions": conditions}})
    world.say(f"the stand-in of the cluster controller has joined {name}")
