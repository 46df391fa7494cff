"""repair on a real plane: everything in one broken cluster, mended while KubeSphere stays."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from ks_reset.catalogue.names import CONFIG_MAP_KIND, NAMESPACE_KIND, POD_KIND, SECRET_KIND
from ks_reset.cluster import Client, until
from ks_reset.errors import ResetError
from ks_reset.model import Kind
from ks_reset.rehearsal.plane.plane import Plane
from tests.rehearsal.command import Command

pytestmark = pytest.mark.rehearsal
LOGGING = "kubesphere-logging-system"
HOOK = Kind(
    "admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", False
)
META = {"labels": {"team": "tea", "kubesphere.io/managed": "true"}, "annotations": {"owner.example.com/phone": "7"}}


class Broken(Struct):
    """A plane, the command line, and a snapshot of the plane from before."""

    cluster: Client
    run: Command
    snapshot: str


def create(cluster: Client, kind: Kind, name: str, namespace: str = "", **fields: Any) -> None:
    meta = {"name": name, **({"namespace": namespace} if namespace else {}), **fields.pop("meta", {})}
    cluster.create(kind, {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": meta, **fields})


def wipe(cluster: Client, name: str) -> None:
    """What the hook of KubeSphere 4.1.1 sends: nothing but the name (config/ks-core/scripts/post-delete.sh)."""
    body = {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": name, "finalizers": None}}
    cluster.request("PUT", NAMESPACE_KIND.path("", name) + "/finalize", body)


def namespace(cluster: Client, name: str) -> dict[str, Any]:
    return cluster.get(NAMESPACE_KIND, name) or {}


def starts_pods(cluster: Client) -> bool:
    """Whether the API server takes a Pod, asked without effect."""
    pod = {"metadata": {"name": "try"}, "spec": {"containers": [{"name": "a", "image": "a"}]}}
    try:
        cluster.request("POST", POD_KIND.path("tea-house") + "?dryRun=All", {"apiVersion": "v1", "kind": "Pod", **pod})
    except ResetError:
        return False
    return True


def break_all(cluster: Client) -> None:
    """A wiped namespace, a webhook for every Pod without its program, and a deletion held by a gone controller."""
    wipe(cluster, "tea-house")
    service = {"namespace": LOGGING, "name": "logsidecar-injector-admission", "path": "/mutate"}
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
    hook = {"name": "sidecar.example.com", "admissionReviewVersions": ["v1"], "sideEffects": "None", "rules": [rule]}
    create(cluster, HOOK, "side-cars", webhooks=[hook | {"clientConfig": {"service": service}, "timeoutSeconds": 1}])
    held = {"finalizers": ["finalizers.kubesphere.io/credential"]}
    create(cluster, SECRET_KIND, "git-login", "kettle-ci", meta=held)
    cluster.delete(NAMESPACE_KIND, "kettle-ci", "", namespace(cluster, "kettle-ci")["metadata"]["uid"])
    assert until(
        lambda: "deletionTimestamp" in (cluster.get(SECRET_KIND, "git-login", "kettle-ci") or {})["metadata"], 30
    )


@pytest.fixture
def broken(programs: Path, tmp_path: Path) -> Iterator[Broken]:
    with Plane.start("host", programs, tmp_path) as plane:
        run, snapshot = Command.on(plane.folder / "kubeconfig", tmp_path), str(tmp_path / "before.json.gz")
        cluster = plane.cluster
        create(cluster, NAMESPACE_KIND, "kubesphere-system")
        create(cluster, NAMESPACE_KIND, "tea-house", meta=META)
        create(cluster, NAMESPACE_KIND, "kettle-ci")
        create(cluster, CONFIG_MAP_KIND, "blends", "tea-house", data={"house": "smoky"})
        made = run("snapshot", "-o", snapshot)
        assert made.returncode == 0, made.stderr
        break_all(cluster)
        yield Broken(cluster, run, snapshot)


def test_repair_mends_a_broken_cluster_and_removes_nothing_else(broken: Broken, tmp_path: Path) -> None:
    run, cluster, plan = broken.run, broken.cluster, str(tmp_path / "repair.json")
    found = {f["id"]: f for f in json.loads(run("doctor", "-o", "json").stdout)}
    assert found.keys() >= {"wiped-namespace", "dead-webhook", "hanging-finalizer"}
    for name in ("wiped-namespace", "dead-webhook", "hanging-finalizer"):
        assert "ks-reset plan repair --context host -o repair.json" in found[name]["cure"], found[name]
    assert not namespace(cluster, "tea-house")["spec"]
    assert not starts_pods(cluster)

    planned = run("plan", "repair", "--memory", broken.snapshot, "-o", plan)
    assert planned.returncode == 3, planned.stderr
    done = run("apply", plan, "--yes")
    assert done.returncode == 0, done.stderr
    mended = namespace(cluster, "tea-house")
    assert mended["spec"]["finalizers"] == ["kubernetes"]
    assert mended["metadata"]["labels"] == {"kubernetes.io/metadata.name": "tea-house", "team": "tea"}
    assert mended["metadata"]["annotations"] == META["annotations"]
    assert starts_pods(cluster)
    assert until(lambda: not namespace(cluster, "kettle-ci"), 30)
    assert run("doctor").returncode == 0
    assert run("plan", "repair", "--memory", broken.snapshot).returncode == 0

    cluster.delete(NAMESPACE_KIND, "tea-house", "", mended["metadata"]["uid"])
    assert until(lambda: not namespace(cluster, "tea-house"), 30), "the namespace controller empties it, and it goes"
    assert cluster.get(CONFIG_MAP_KIND, "blends", "tea-house") is None


def test_a_wiped_namespace_in_deletion_is_told_and_left_alone(broken: Broken, tmp_path: Path) -> None:
    run, cluster, plan = broken.run, broken.cluster, str(tmp_path / "repair.json")
    assert run("plan", "repair", "-o", plan).returncode == 3
    cluster.delete(NAMESPACE_KIND, "tea-house", "", namespace(cluster, "tea-house")["metadata"]["uid"])
    refused = run("apply", plan, "--yes")
    assert (refused.returncode, namespace(cluster, "tea-house")["spec"]) == (0, {}), refused.stderr
    again = run("plan", "repair", "-o", plan, "-o", plan)
    said = " ".join((again.stdout + run("doctor").stdout).split())
    assert "/api/v1/namespaces/tea-house/finalize -f -" in said
    assert cluster.get(CONFIG_MAP_KIND, "blends", "tea-house")
