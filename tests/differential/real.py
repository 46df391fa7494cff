"""Random fleets on real control planes, many at once; all deeds go through the API server."""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path

from ks_reset import local
from ks_reset.catalogue.names import CRD_KIND, DEPLOYMENT_KIND, KUBEFED_CONTROLLER_MANAGER, KUBEFED_NAMESPACE
from ks_reset.cluster import Client, until
from ks_reset.cluster.transport import NotFound
from ks_reset.errors import ResetError
from ks_reset.facts import Clients
from ks_reset.model import Body, Kind
from ks_reset.rehearsal import kubefed
from ks_reset.rehearsal.kubefed import Join, Target
from ks_reset.rehearsal.objects import put_objects, read_manifests
from ks_reset.rehearsal.plane.kubelet import Kubelet
from ks_reset.rehearsal.plane.plane import Plane, connect_administrator, write_merged_kubeconfig
from ks_reset.rehearsal.programs import binaries
from tests.differential.quiet import WORKERS, Lister, RealFleet

GROUP = "differ.example.com"
NAMESPACE = Kind("", "v1", "Namespace", "namespaces", False)
KINDS = {
    "ConfigMap": Kind("", "v1", "ConfigMap", "configmaps", True),
    "Secret": Kind("", "v1", "Secret", "secrets", True),
    "Service": Kind("", "v1", "Service", "services", True),
    "Nut": Kind(GROUP, "v1", "Nut", "nuts", True),
    "Bolt": Kind(GROUP, "v1", "Bolt", "bolts", True),
    "Big": Kind(GROUP, "v1", "Big", "bigs", False),
}
FED = "types.kubefed.io"
FEDERATED = Kind(FED, "v1beta1", "FederatedConfigMap", "federatedconfigmaps", True)
FEDERATED_SPACE = Kind(FED, "v1beta1", "FederatedNamespace", "federatednamespaces", True)
FEDERATION = local.shared_folder("examples") / "incident" / "host" / "50-federation.yaml"


class Pair(RealFleet):
    """Two planes with kubefed on the first, and the clients to read them."""

    kubelet: Kubelet
    programs: Path
    config: Path

    def kubefed(self, replicas: int) -> None:
        """Scale kubefed, and wait for its process to start or end."""
        spec = {"spec": {"replicas": replicas}}
        self.clusters["host"].merge_patch(DEPLOYMENT_KIND, KUBEFED_CONTROLLER_MANAGER, KUBEFED_NAMESPACE, spec)
        assert until(lambda: self.kubelet.running == bool(replicas), 60)

    def join_stale(self) -> None:
        """The host's API server gets a second record."""
        kubefed.join_cluster(self.programs, self.config, "host", self.clusters["host"], Join("stale", "host"))

    def listers(self) -> list[Lister]:
        kinds = (*KINDS.values(), NAMESPACE, FEDERATED, FEDERATED_SPACE, CRD_KIND)
        return [partial(_listed, cluster, kind) for cluster in self.clusters.values() for kind in kinds]


def _listed(cluster: Client, kind: Kind) -> list[Body]:
    try:
        return cluster.list(kind, metadata_only=True)
    except ResetError:
        return []


@contextmanager
def pair(kubernetes: str, folder: Path) -> Iterator[Pair]:
    """Two planes, kubefed with both joined, and the custom types known to the garbage collector."""
    programs, kubefed_from = binaries.control_plane(kubernetes, print), binaries.kubefed_programs(print)
    with ExitStack() as stack:
        planes = [stack.enter_context(Plane.start(name, programs, folder)) for name in ("host", "test")]
        config = write_merged_kubeconfig(planes, folder / "kubeconfig")
        clusters = {plane.name: connect_administrator(config, plane.name) for plane in planes}
        targets = (Target("Namespace", "namespaces"), Target("ConfigMap", "configmaps"))
        kubefed.install_kubefed(clusters["host"], kubefed_from, targets)
        for cluster in clusters.values():
            put_objects(cluster, [_crd(kind) for kind in KINDS.values() if kind.group])
        put_objects(clusters["host"], _kubefed())
        for name, cluster in clusters.items():
            kubefed.join_cluster(kubefed_from, config, "host", cluster, Join(name, name))
        with kubefed.short_delays(clusters["host"]):
            program = kubefed.controller_program(kubefed_from, folder / "host" / "kubeconfig", folder / "kubefed.log")
            kubelet = stack.enter_context(Kubelet(clusters["host"], program))
            assert until(lambda: kubelet.running, 60), "without kubefed half of this would compare nothing"
            time.sleep(35)  # the garbage collector asks every 30 s which types there are
            yield Pair(clusters, Clients(clusters["host"], {"test": clusters["test"]}), kubelet, kubefed_from, config)


def each(jobs: Iterable[Callable[[], object]]) -> list[str]:
    """Run all of these, a few at a time; the API server's error for each, "" if none."""

    def one(job: Callable[[], object]) -> str:
        try:
            job()
        except (ResetError, NotFound) as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(one, jobs))


def delete(cluster: Client, kind: Kind, name: str, namespace: str, policy: str) -> None:
    body = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": policy}
    with suppress(NotFound):
        cluster.request("DELETE", kind.path(namespace, name), body)


def wipe(cluster: Client, name: str) -> None:
    """Empty spec.finalizers through /finalize, like the v4 uninstall hook."""
    found = cluster.get(NAMESPACE, name) or {}
    body = {**found, "spec": {"finalizers": []}}
    cluster.request("PUT", NAMESPACE.path("", name) + "/finalize", body)


def served(cluster: Client, kinds: Iterable[Kind]) -> None:
    wanted = {kind.key for kind in kinds}
    assert until(lambda: wanted <= cluster.kinds().keys(), 60)


def _kubefed() -> list[Body]:
    """kubefed's configuration, account and Deployment, as in the incident."""
    names = ("kubefed", "kubefed-controller", KUBEFED_CONTROLLER_MANAGER)
    kinds = ("KubeFedConfig", "ServiceAccount", "Deployment")
    return [b for b in read_manifests(FEDERATION) if b["metadata"]["name"] in names and b["kind"] in kinds]


def _crd(kind: Kind) -> Body:
    return crd_of(kind, "Namespaced" if kind.namespaced else "Cluster")


def crd_of(kind: Kind, scope: str) -> Body:
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    names = {"kind": kind.kind, "plural": kind.plural, "singular": kind.kind.lower(), "listKind": f"{kind.kind}List"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{kind.plural}.{kind.group}"},
        "spec": {
            "group": kind.group,
            "scope": scope,
            "names": names,
            "versions": [{"name": kind.version, "served": True, "storage": True, "schema": schema}],
        },
    }
