"""A fleet around the incident: more members, a second host sharing one, two stale records, one silent member."""

import os
import signal
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from msgspec import Struct

from ks_reset import local
from ks_reset.catalogue.names import KUBEFED_NAMESPACE
from ks_reset.cluster import Client
from ks_reset.errors import ResetError
from ks_reset.model import Body, Kind
from ks_reset.rehearsal import kubefed, scenario
from ks_reset.rehearsal.fleet import RehearsalFleet
from ks_reset.rehearsal.kubefed import Join, join_cluster
from ks_reset.rehearsal.objects import put_objects, read_manifests
from ks_reset.rehearsal.plane.kubelet import Kubelet
from ks_reset.rehearsal.plane.plane import Plane, write_merged_kubeconfig
from ks_reset.rehearsal.programs import binaries
from ks_reset.rehearsal.spec import load_scenario

MEMBERS = ("eu", "us", "edge", "gone")
HUB = "hub"
NAMESPACE = Kind("", "v1", "Namespace", "namespaces", False)
CONFIG_MAP = Kind("", "v1", "ConfigMap", "configmaps", True)
CLUSTER = Kind("cluster.kubesphere.io", "v1alpha1", "Cluster", "clusters", False)
FEDERATED = Kind("types.kubefed.io", "v1beta1", "FederatedConfigMap", "federatedconfigmaps", True)
INCIDENT, _ = load_scenario("incident")
TARGETS = tuple(target for target in INCIDENT.kubefed.targets if target.kind in ("Namespace", "ConfigMap"))


class Fleet(Struct):
    """The incident's world, and the planes beside it; `kubeconfig` has a context for each."""

    world: RehearsalFleet
    planes: dict[str, Plane]
    kubeconfig: Path
    folder: Path
    stack: ExitStack

    def cluster(self, name: str) -> Client:
        return self.world.clusters[name]

    @property
    def members(self) -> str:
        """All members, as KS_RESET_MEMBER takes them."""
        return " ".join(f"{name}={name}" for name in ("test", *MEMBERS))

    def silence(self, name: str, *, again: bool = False) -> None:
        """Let a plane's API server stop answering, as if a cable had been pulled; or let it answer again."""
        os.kill(_api_server(self.planes[name]), signal.SIGCONT if again else signal.SIGSTOP)

    def second_host(self) -> None:
        """Another host's kubefed on its own plane, joined to the member edge and active there."""
        hub, programs = self.cluster(HUB), self.world.kubefed
        kubefed.install_kubefed(hub, programs, TARGETS)
        folder = local.shared_folder("examples") / "incident" / "host" / "50-federation.yaml"
        put_objects(hub, [b for b in read_manifests(folder) if _of_kubefed(b)])
        join_cluster(programs, self.kubeconfig, HUB, self.cluster("edge"), Join("edge", "edge"), HUB)
        program = kubefed.controller_program(programs, self.planes[HUB].kubeconfig, self.folder / "hub-kubefed.log")
        with kubefed.short_delays(hub):
            self.stack.enter_context(Kubelet(hub, program))
            hub.create(NAMESPACE, {"metadata": {"name": "hub-apps"}})
            put_objects(
                hub,
                [_spread("FederatedNamespace", "hub-apps", {}), _spread("FederatedConfigMap", "limits", {"a": "1"})],
            )
            self.world.wait("the second host has spread its ConfigMap", lambda: self.limits() == {"a": "1"})

    def limits(self) -> Body:
        """The data of the second host's ConfigMap on the shared member."""
        found = self.cluster("edge").get(CONFIG_MAP, "limits", "hub-apps")
        return (found or {}).get("data") or {}

    def second_host_works(self, value: str) -> None:
        """Its kubefed brings a change to the member. Raises ResetError if it does not."""
        self.cluster(HUB).merge_patch(FEDERATED, "limits", "hub-apps", {"spec": {"template": {"data": {"a": value}}}})
        self.world.wait(f"the second host has brought {value}", lambda: self.limits() == {"a": value})


@contextmanager
def fleet(folder: Path) -> Iterator[Fleet]:
    """The incident's world, healthy, with four more members joined, and a plane for a second host."""
    programs = binaries.control_plane("1.24.17", print)
    with scenario.run_scenario("incident", "1.24.17", print, folder / "world") as world, ExitStack() as stack:
        with ThreadPoolExecutor(len(MEMBERS) + 1) as pool:
            started = {n: pool.submit(Plane.start, n, programs, folder / "world") for n in (*MEMBERS, HUB)}
            planes = {name: stack.enter_context(each.result()) for name, each in started.items()}
        merged = write_merged_kubeconfig([*_own(world, folder), *planes.values()], folder / "kubeconfig")
        world.clusters |= {name: plane.cluster for name, plane in planes.items()}
        world.kubeconfig = merged
        made = Fleet(world, planes, merged, folder, stack)
        with ThreadPoolExecutor(len(MEMBERS)) as pool:
            list(pool.map(lambda name: _join(made, name), MEMBERS))
        world.wait("kubefed reaches every member", lambda: _ready(world) == 2 + len(MEMBERS), 240)
        try:
            yield made
        finally:
            for plane in planes.values():
                with suppress(ResetError, ProcessLookupError, AssertionError):
                    os.kill(_api_server(plane), signal.SIGCONT)


def _own(world: RehearsalFleet, folder: Path) -> list[Plane]:
    """The planes of the incident's world."""
    return [
        Plane(n, c.server, folder / "world" / n / "kubeconfig", folder / "world" / n) for n, c in world.clusters.items()
    ]


def _join(made: Fleet, name: str) -> None:
    """KubeSphere's objects on a member, and its records on the host, as KubeSphere writes them."""
    world, member = made.world, made.cluster(name)
    example = local.shared_folder("examples") / "incident"
    put_objects(
        member,
        [
            b
            for part in ("common", "member")
            for b in read_manifests(example / part, {"cluster": name, "role": "member"})
        ],
    )
    config = b64encode(made.planes[name].kubeconfig.read_bytes()).decode()
    uid = (member.get(NAMESPACE, "kube-system") or {})["metadata"]["uid"]
    connection = {"type": "direct", "kubernetesAPIEndpoint": member.server, "kubeconfig": config}
    about = {"name": name, "finalizers": ["finalizer.cluster.kubesphere.io"]}
    spec = {"joinFederation": True, "enable": True, "provider": "", "connection": connection}
    record = {"apiVersion": CLUSTER.api_version, "kind": CLUSTER.kind, "metadata": about, "spec": spec}
    put_objects(world.host, [record | {"status": {"uid": uid}}])
    join_cluster(world.kubefed, made.kubeconfig, "host", member, Join(name, name))


def _ready(world: RehearsalFleet) -> int:
    kind = Kind("core.kubefed.io", "v1beta1", "KubeFedCluster", "kubefedclusters", True)
    records = world.host.list(kind, KUBEFED_NAMESPACE)
    conditions = [c for r in records for c in (r.get("status") or {}).get("conditions") or []]
    return sum((c["type"], c["status"]) == ("Ready", "True") for c in conditions)


def _of_kubefed(body: Body) -> bool:
    return body["kind"] == "KubeFedConfig" or "kubefed-controller" in body["metadata"]["name"]


def _spread(kind: str, name: str, data: Body) -> Body:
    about = {"name": name, "namespace": "hub-apps"}
    spec = {"template": {"data": data} if data else {}, "placement": {"clusters": [{"name": "edge"}]}}
    return {"apiVersion": "types.kubefed.io/v1beta1", "kind": kind, "metadata": about, "spec": spec}


def _api_server(plane: Plane) -> int:
    """The process id of a plane's kube-apiserver."""
    port = plane.server.rpartition(":")[2]
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            line = path.read_bytes()
            if b"kube-apiserver" in line and f"--secure-port={port}".encode() in line:
                return int(path.parent.name)
    raise AssertionError(f"{plane.name} has an API server")
