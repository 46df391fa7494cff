"""On one real plane, before anything is put on: what feasible, render, reinstall and reset judge, and what is typed.

Also the ways to a cluster that kubeconfigs name, and a DevOps project that hangs while ks-controller-manager runs.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec import Struct

from ks_reset import local
from ks_reset.catalogue.names import CONFIG_MAP_KIND, DEPLOYMENT_KIND, NAMESPACE_KIND, SECRET_KIND
from ks_reset.cluster import Client, Target, connect_client, until
from ks_reset.cluster.client import MERGE_PATCH
from ks_reset.errors import ResetError
from ks_reset.model import Kind
from ks_reset.rehearsal.plane.plane import Plane
from tests.rehearsal import audit, broken
from tests.rehearsal.broken import namespace
from tests.rehearsal.command import Command
from tests.rehearsal.registry import registry
from tests.rehearsal.shapes import Parts, http_proxy, manager_of_clusters, shapes_of
from tests.rehearsal.typed import kubectl_in, own_in, planned, type_kubectl

pytestmark = pytest.mark.rehearsal
MANIFEST = local.shared_folder("examples") / "incident" / "install" / "kubesphere-installer.yaml"
CONFIGURATION = Kind("installer.kubesphere.io", "v1alpha1", "ClusterConfiguration", "clusterconfigurations", True)
SERVICE_KIND = Kind("", "v1", "Service", "services", True)
CLASS_KIND = Kind("storage.k8s.io", "v1", "StorageClass", "storageclasses", False)
SYSTEM, RAN_PORT = "kubesphere-system", 31414
HELD = "finalizers.kubesphere.io/credential"


class Scene(Struct):
    """A plane without KubeSphere, a registry with all images but the withdrawn, and a manifest to install from."""

    plane: Plane
    run: Command
    folder: Path
    registry: str
    withdrawn: set[str]

    @property
    def cluster(self) -> Client:
        return self.plane.cluster

    def values(self, **more: Any) -> str:
        """The path of a values file, with these fields besides the version and the source."""
        content, path = self.folder / "installer.yaml", self.folder / "install.yaml"
        content.write_text(MANIFEST.read_text().replace("kubesphere/ks-", f"{self.registry}/kubesphere/ks-"))
        source = {"path": str(content), "sha256": hashlib.sha256(content.read_bytes()).hexdigest()}
        given = {"version": "v3.3.1", "source": source, "allow": ["kubernetes-version", "nodes"]} | more
        path.write_text(yaml.safe_dump(given))
        return str(path)

    def findings(self, code: int, **values: Any) -> dict[str, Any]:
        """What feasible finds for these values, by id; it ends with this code."""
        flags = ("--plain-http", self.registry, "-o", "json")
        done = self.run("feasible", self.values(**values), *flags)
        assert done.returncode == code, done.stdout + done.stderr
        return {finding["id"]: finding for finding in json.loads(done.stdout)}


@pytest.fixture(scope="module")
def scene(programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder, withdrawn = tmp_path_factory.mktemp("before-install"), set[str]()
    with Plane.start("host", programs, folder) as plane, registry(withdrawn) as address:
        run = Command.on(plane.folder / "kubeconfig", folder)
        run.environment["COLUMNS"] = "4000"
        yield Scene(plane, run, folder, address, withdrawn)


def left_behind(scene: Scene) -> None:
    """A project of a former KubeSphere, and its configuration: a class, a port now taken, an offline registry."""
    broken.open_type(
        scene.cluster, "clusterconfigurations.installer.kubesphere.io", "ClusterConfiguration", "v1alpha1",
        scope="Namespaced",
    )  # fmt: skip
    broken.create(scene.cluster, NAMESPACE_KIND, SYSTEM)
    spec = {
        "persistence": {"storageClass": "kiln-ssd"},
        "authentication": {"jwtSecret": ""},
        "local_registry": scene.registry,
        "namespace_override": "offline",
        "etcd": {"monitoring": False},
        "common": {"core": {"console": {"enableMultiLogin": False, "port": RAN_PORT, "type": "NodePort"}}},
        "multicluster": {"clusterRole": "host", "hostClusterName": "kiln"},
    }
    broken.create(scene.cluster, CONFIGURATION, "ks-installer", SYSTEM, spec=spec)
    workspace = broken.open_type(scene.cluster, "workspaces.tenant.kubesphere.io", "Workspace", "v1alpha1")
    broken.create(scene.cluster, workspace, "kiln")
    broken.create(scene.cluster, NAMESPACE_KIND, "glazes", meta={"labels": {"kubesphere.io/workspace": "kiln"}})
    broken.create(scene.cluster, CLASS_KIND, "kiln-ssd", provisioner="disk.example.com")
    ports = {"type": "NodePort", "ports": [{"port": 80, "nodePort": RAN_PORT}], "selector": {"app": "web"}}
    broken.create(scene.cluster, SERVICE_KIND, "web", "default", spec=ports)


def test_feasible_and_render_judge_the_configuration_that_will_be_and_not_the_values_alone(scene: Scene) -> None:
    left_behind(scene)
    scene.withdrawn.add("offline/ks-console")
    found = scene.findings(4)
    assert f"NodePort {RAN_PORT} of host belongs to Service default/web" in found["console-port"]["title"]
    assert f"{scene.registry}/offline/ks-console:v3.3.1" in json.dumps(found["images"])
    scene.withdrawn.clear()
    assert not {"storage-class", "images"} & scene.findings(4).keys()
    assert "storage-class" in scene.findings(4, spec={"persistence": {"storageClass": "none-such"}})

    asked = {"consolePort": 31777, "hostClusterName": "quay"}
    assert not scene.findings(0, **asked)
    done = scene.run("render", scene.values(**asked))
    spec = yaml.safe_load(done.stdout)["spec"]
    assert spec["common"]["core"]["console"] == {"enableMultiLogin": False, "port": 31777, "type": "NodePort"}
    assert (spec["multicluster"]["hostClusterName"], spec["persistence"]) == ("quay", {"storageClass": "kiln-ssd"})
    assert (spec["local_registry"], spec["namespace_override"]) == (scene.registry, "offline")


def test_nothing_is_taken_off_where_no_pod_of_the_new_kubesphere_could_start(scene: Scene) -> None:
    """A webhook of a service mesh that is gone, for each Pod; after the named command the way is free."""
    rule = ("", "pods", ["CREATE"])
    broken.hook(scene.cluster, broken.MUTATING, "mesh-injector", ("mesh-system", "meshd-1-9"), rule)
    asked = {"consolePort": 31777, "hostClusterName": "quay"}
    found = scene.findings(4, **asked)["refusing-webhook"]
    assert "mesh-injector" in found["title"]
    assert "mesh-system/meshd-1-9 has no endpoints" in json.dumps(found["evidence"])
    flags, before = ("--values", scene.values(**asked), "--plain-http", scene.registry), audit.writes(scene.folder)
    for words in (("plan", "reinstall"), ("reset",)):
        refused = scene.run(*words, *flags)
        assert refused.returncode == 4, (words, refused.stdout + refused.stderr)
        assert "mesh-injector" in refused.stderr, words
    assert audit.writes(scene.folder) == before
    type_kubectl({"host": scene.cluster}, kubectl_in(found["cure"], "delete"))
    assert not scene.findings(0, **asked)
    assert broken.starts_pods(scene.cluster)


def test_a_devops_project_that_hangs_while_the_manager_runs_is_told_so_and_repaired(scene: Scene) -> None:
    """No controller of a KubeSphere without DevOps takes the finalizer off: the project is not lost, it hangs."""
    cluster, project = scene.cluster, "glaze-9k2f"
    labels = {"app": "ks-controller-manager"}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "manager", "image": "manager"}]}}
    running = {"replicas": 1, "selector": {"matchLabels": labels}, "template": pod}
    broken.create(cluster, DEPLOYMENT_KIND, "ks-controller-manager", SYSTEM, spec=running)
    path = DEPLOYMENT_KIND.path(SYSTEM, "ks-controller-manager")
    ready = {"replicas": 1, "readyReplicas": 1, "availableReplicas": 1, "updatedReplicas": 1, "observedGeneration": 1}
    cluster.request("PATCH", f"{path}/status", {"status": ready}, MERGE_PATCH)
    names = {"kubesphere.io/devopsproject": project, "kubesphere.io/namespace": project}
    broken.create(cluster, NAMESPACE_KIND, project, meta={"labels": names})
    broken.create(cluster, SECRET_KIND, "pull", project, meta={"finalizers": [HELD]}, stringData={"username": "kiln"})
    broken.create(cluster, CONFIG_MAP_KIND, "recipes", project, data={"glaze": "celadon"})
    broken.delete_namespace(cluster, project)

    def is_held() -> bool:
        secret = cluster.get(SECRET_KIND, "pull", project) or {"metadata": {}}
        return "deletionTimestamp" in secret["metadata"] and cluster.get(CONFIG_MAP_KIND, "recipes", project) is None

    assert until(is_held, 30)
    said = " ".join(scene.run("explain", f"namespace/{project}").stdout.split())
    assert (HELD in said, f"{project}/pull" in said, "is lost" in said) == (True, True, False), said
    found = {f["id"]: f for f in json.loads(scene.run("doctor", "-o", "json").stdout)}
    words = own_in(found["hanging-finalizer"]["cure"], "plan repair")
    plan = str(scene.folder / words[-1])
    assert scene.run(*words[:-1], plan).returncode == 0
    done = scene.run("apply", plan, "--yes")
    assert done.returncode == 0, done.stderr
    assert until(lambda: not namespace(cluster, project), 30)
    planned(scene.run, "repair", code=0)


def test_each_shape_of_a_kubeconfig_is_taken_as_kubectl_takes_it_or_its_error_names_the_cause(scene: Scene) -> None:
    near = scene.folder / "shapes"
    near.mkdir()
    parts, wrong = Parts.of(scene.plane.folder, near), dict[str, str]()
    with http_proxy() as proxy, manager_of_clusters(parts) as prefixed:
        for name, shape in shapes_of(parts, proxy, prefixed).items():
            file = near / "config"
            file.write_bytes(shape.text.encode())
            said = _identity_or_error(file)
            if (shape.error not in said.lower()) if shape.error else (said != scene.cluster.identity):
                wrong[name] = said
    assert not wrong


def _identity_or_error(file: Path) -> str:
    """The UID of kube-system as read through a kubeconfig, else the message of the error."""
    try:
        return connect_client(Target(str(file), timeout=5.0)).identity
    except ResetError as error:
        return str(error)
