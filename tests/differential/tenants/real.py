"""Two control planes with the stand-in of ks-controller-manager on each, and kubefed for 3.x: real outcomes."""

import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import ClassVar

from ks_reset.catalogue.names import (
    DEPLOYMENT_KIND,
    HOST_ROLE_LABEL,
    KS_CONTROLLER_MANAGER,
    KUBEFED_CLUSTER_KIND,
    KUBEFED_CONTROLLER_MANAGER,
    KUBEFED_NAMESPACE,
    KUBESPHERE_NAMESPACE,
    NAMESPACE_KIND,
)
from ks_reset.cluster import until
from ks_reset.cluster.transport import NotFound
from ks_reset.facts import Clients
from ks_reset.model import Body, Kind
from ks_reset.rehearsal import kubefed
from ks_reset.rehearsal.kubefed import Join, Target
from ks_reset.rehearsal.objects import put_objects
from ks_reset.rehearsal.plane.kubelet import Kubelet, Program
from ks_reset.rehearsal.plane.plane import Plane, connect_administrator, write_merged_kubeconfig
from ks_reset.rehearsal.plane.process import Argv
from ks_reset.rehearsal.programs import binaries
from ks_reset.rehearsal.standin.clusters import CLUSTER, clusters_to_join, label_record
from ks_reset.rehearsal.standin.installer import repeat_in_background
from ks_reset.rehearsal.standin.lock import CONFIG_MAP, LEASE, NAME
from tests.differential.quiet import Lister, RealFleet
from tests.differential.real import _kubefed as kubefed_objects
from tests.differential.real import crd_of

NAMES = ("host", "test")
IAM, TENANT = "iam.kubesphere.io", "tenant.kubesphere.io"
CONFIGURATION = Kind("installer.kubesphere.io", "v1alpha1", "ClusterConfiguration", "clusterconfigurations", True)
TYPES_3 = (
    Kind(TENANT, "v1alpha1", "Workspace", "workspaces", False),
    Kind(TENANT, "v1alpha2", "WorkspaceTemplate", "workspacetemplates", False),
    *(Kind(IAM, "v1alpha2", kind, f"{kind.lower()}s", False) for kind in ("WorkspaceRole", "RoleBase", "User")),
    CLUSTER,
    CONFIGURATION,
)
TYPES_4 = (
    Kind(TENANT, "v1beta1", "Workspace", "workspaces", False),
    Kind(TENANT, "v1beta1", "WorkspaceTemplate", "workspacetemplates", False),
    *(Kind(IAM, "v1beta1", kind, f"{kind.lower()}s", kind.startswith("Role")) for kind in ("Role", "RoleBinding")),
    *(
        Kind(IAM, "v1beta1", kind, f"{kind.lower()}s", False)
        for kind in ("WorkspaceRole", "WorkspaceRoleBinding", "BuiltinRole")
    ),
    CLUSTER,
)
TARGETS = (
    Target("Workspace", "workspaces", TENANT, "v1alpha1", namespaced=False),
    Target("WorkspaceRole", "workspaceroles", IAM, "v1alpha2", namespaced=False),
)
FEDERATED = Kind("types.kubefed.io", "v1beta1", "FederatedWorkspace", "federatedworkspaces", False)
STARTING = 30.0
"""Seconds until kubefed has listed every cluster, a record made meanwhile included."""


class Tenancy(RealFleet):
    """The planes, and the programs on them: `kubelets` has kubefed's last, if there is one."""

    LONGEST: ClassVar[float] = 200.0

    release: str
    kubelets: list[Kubelet]
    programs: Path
    config: Path
    folder: Path

    @property
    def is_4(self) -> bool:
        return self.release.startswith("4")

    @property
    def workspace(self) -> Kind:
        return (TYPES_4 if self.is_4 else TYPES_3)[0]

    @property
    def template(self) -> Kind:
        return (TYPES_4 if self.is_4 else TYPES_3)[1]

    @property
    def federated(self) -> Kind:
        return FEDERATED

    def run(self, replicas: int) -> None:
        """Scale every controller, and wait for its process; a lock from before does not delay the next start."""
        spec = {"spec": {"replicas": replicas}}
        for cluster in self.clusters.values():
            if replicas:
                for kind in (LEASE, CONFIG_MAP):
                    cluster.delete(kind, NAME, KUBESPHERE_NAMESPACE)
            cluster.merge_patch(DEPLOYMENT_KIND, KS_CONTROLLER_MANAGER, KUBESPHERE_NAMESPACE, spec)
        if not self.is_4:
            host = self.clusters["host"]
            host.merge_patch(DEPLOYMENT_KIND, KUBEFED_CONTROLLER_MANAGER, KUBEFED_NAMESPACE, spec)
        assert until(lambda: all(kubelet.running == bool(replicas) for kubelet in self.kubelets), 90)

    def forget(self, name: str) -> None:
        """Without the KubeFedCluster of this name, as after the deletion by hand; its Cluster stays."""
        self.clusters["host"].delete(KUBEFED_CLUSTER_KIND, name, KUBEFED_NAMESPACE)

    def twin(self) -> None:
        """A second Cluster for the member."""
        put_objects(self.clusters["host"], [_cluster(self.folder, "twin", "test")])

    def untwin(self) -> None:
        self.remove("host", CLUSTER, "twin")

    def join_missing(self) -> None:
        """What the cluster controller does while it runs."""
        host = self.clusters["host"]
        for body in clusters_to_join(host) if self.kubelets[0].running and not self.is_4 else ():
            name = body["metadata"]["name"]
            plane = "test" if name == "twin" else name
            kubefed.join_cluster(self.programs, self.config, "host", self.clusters[plane], Join(name, plane))
            label_record(host, name)

    def remove(self, cluster: str, kind: Kind, name: str) -> None:
        with suppress(NotFound):
            self.clusters[cluster].delete(kind, name)

    def listers(self) -> list[Lister]:
        kinds = (self.workspace, self.template, NAMESPACE_KIND, *(() if self.is_4 else (FEDERATED,)))
        jobs = [(n, c, k) for n, c in self.clusters.items() for k in kinds if k is not FEDERATED or n == "host"]
        return [partial(cluster.list, kind, metadata_only=True) for _, cluster, kind in jobs]


@contextmanager
def tenancy(release: str, kubernetes: str, folder: Path) -> Iterator[Tenancy]:
    """Two planes with the types and controllers of a release, both clusters joined; the controllers run."""
    programs, four = binaries.control_plane(kubernetes, print), release.startswith("4")
    kubefed_from = folder if four else binaries.kubefed_programs(print)
    with ExitStack() as stack:
        planes = [stack.enter_context(Plane.start(name, programs, folder)) for name in NAMES]
        config = write_merged_kubeconfig(planes, folder / "kubeconfig")
        clusters = {plane.name: connect_administrator(config, plane.name) for plane in planes}
        for cluster in clusters.values():
            types = TYPES_4 if four else TYPES_3
            put_objects(cluster, [crd_of(kind, "Namespaced" if kind.namespaced else "Cluster") for kind in types])
            put_objects(cluster, [_plain_namespace(KUBESPHERE_NAMESPACE), _manager(release)])
        host = clusters["host"]
        put_objects(host, [_cluster(folder, name, name) for name in NAMES])
        kubelets = [
            stack.enter_context(Kubelet(cluster, _standin(config, name, release, folder)))
            for name, cluster in clusters.items()
        ]
        fleet = Clients(host, {"test": clusters["test"]})
        made = Tenancy(clusters, fleet, release, kubelets, kubefed_from, config, folder)
        if not four:
            kubelets.append(stack.enter_context(_federation(made)))
        assert until(lambda: all(kubelet.running for kubelet in kubelets), 90)
        stack.enter_context(repeat_in_background([made.join_missing], print))
        time.sleep(35)  # the garbage collector asks every 30 s which types there are
        yield made


@contextmanager
def _federation(made: Tenancy) -> Iterator[Kubelet]:
    """kubefed on the host, with both clusters joined."""
    host, role = made.clusters["host"], {"multicluster": {"clusterRole": "host"}}
    kubefed.install_kubefed(host, made.programs, TARGETS)
    meta = {"name": "ks-installer", "namespace": KUBESPHERE_NAMESPACE}
    about = {"apiVersion": CONFIGURATION.api_version, "kind": CONFIGURATION.kind, "metadata": meta}
    put_objects(host, [*kubefed_objects(), {**about, "spec": role}])
    made.join_missing()
    with kubefed.short_delays(host):
        log = made.folder / "kubefed.log"
        program = kubefed.controller_program(made.programs, made.folder / "host" / "kubeconfig", log)
        with Kubelet(host, program) as kubelet:
            assert until(lambda: kubelet.running, 90)
            yield kubelet


def _standin(config: Path, name: str, release: str, folder: Path) -> Program:
    return Program(
        KUBESPHERE_NAMESPACE,
        KS_CONTROLLER_MANAGER,
        partial(_standin_argv, config, name, release),
        folder / f"{name}.log",
    )


def _standin_argv(config: Path, name: str, release: str) -> Argv:
    module = [sys.executable, "-m", "ks_reset.rehearsal.standin", f"--kubeconfig={config}", f"--context={name}"]
    return [*module, f"--release={release}", *(["--multicluster"] if name == "host" else [])]


def _cluster(folder: Path, name: str, plane: str) -> Body:
    kubeconfig = b64encode((folder / plane / "kubeconfig").read_bytes()).decode()
    labels = {HOST_ROLE_LABEL: ""} if name == "host" else {"region": "eu"}
    return {
        "apiVersion": CLUSTER.api_version,
        "kind": CLUSTER.kind,
        "metadata": {"name": name, "labels": labels},
        "spec": {"joinFederation": True, "enable": True, "connection": {"type": "direct", "kubeconfig": kubeconfig}},
        "status": {"conditions": [{"type": "Ready", "status": "True"}]},
    }


def _plain_namespace(name: str) -> Body:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def _manager(release: str) -> Body:
    marks = {"app": KS_CONTROLLER_MANAGER}
    image = f"kubesphere/ks-controller-manager:v{release}"
    pod = {"containers": [{"name": KS_CONTROLLER_MANAGER, "image": image}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": KS_CONTROLLER_MANAGER, "namespace": KUBESPHERE_NAMESPACE, "labels": marks},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": marks},
            "template": {"metadata": {"labels": marks}, "spec": pod},
        },
    }
