"""Broken clusters on one real plane: what a command says about each, and the command that it names, typed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from ks_reset.catalogue.names import CONFIG_MAP_KIND, NAMESPACE_KIND
from ks_reset.cluster import Client, until
from ks_reset.rehearsal.plane.plane import Plane
from ks_reset.report.commands import split_message
from tests.rehearsal import broken
from tests.rehearsal.broken import namespace
from tests.rehearsal.command import Command
from tests.rehearsal.typed import RBAC, kubectl_in, own_in, planned, type_kubectl

pytestmark = pytest.mark.rehearsal
PROGRAM = "no-such-login-helper"


class Scene(Struct):
    """A plane with little of KubeSphere on it; the tests of this file leave it as it was, the last one removes it."""

    plane: Plane
    run: Command
    folder: Path

    @property
    def cluster(self) -> Client:
        return self.plane.cluster

    def type(self, command: str) -> None:
        type_kubectl({"host": self.cluster}, command)

    def findings(self) -> dict[str, Any]:
        return {f["id"]: f for f in json.loads(self.run("doctor", "-o", "json").stdout)}


@pytest.fixture(scope="module")
def scene(programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("repair")
    with Plane.start("host", programs, folder) as plane:
        run = Command.on(plane.folder / "kubeconfig", folder)
        run.environment["COLUMNS"] = "4000"
        broken.create(plane.cluster, NAMESPACE_KIND, "kubesphere-system")
        yield Scene(plane, run, folder)


def test_repair_mends_a_broken_cluster_and_removes_nothing_else(scene: Scene) -> None:
    run, cluster = scene.run, scene.cluster
    plan, snapshot = str(scene.folder / "repair.json"), str(scene.folder / "before.json.gz")
    broken.create(cluster, NAMESPACE_KIND, "tea-house", meta=broken.META)
    broken.create(cluster, NAMESPACE_KIND, "kettle-ci")
    broken.create(cluster, CONFIG_MAP_KIND, "blends", "tea-house", data={"house": "smoky"})
    assert run("snapshot", "--out", snapshot).returncode == 0
    broken.repairable(cluster)
    found = scene.findings()
    for name in ("wiped-namespace", "dead-webhook", "hanging-finalizer"):
        assert "ks-reset plan repair --context host --out repair.json" in found[name]["cure"], found
    assert "finalizers.kubesphere.io/credential" in run("explain", "namespace/kettle-ci").stdout
    assert not namespace(cluster, "tea-house")["spec"]
    assert not broken.starts_pods(cluster)

    planned(run, "repair", "--memory", snapshot, "--out", plan, code=3)
    assert "annotate namespaces/tea-house owner.example.com/phone=VALUE" in Path(plan).read_text()
    done = run("apply", plan, "--yes")
    assert done.returncode == 0, done.stderr
    mended = namespace(cluster, "tea-house")
    assert mended["spec"]["finalizers"] == ["kubernetes"]
    assert mended["metadata"]["labels"] == {"kubernetes.io/metadata.name": "tea-house", "team": "tea"}
    assert mended["metadata"]["annotations"] == broken.KEPT, "of the other the snapshot has a digest"
    assert broken.starts_pods(cluster)
    assert until(lambda: not namespace(cluster, "kettle-ci"), 30)
    planned(run, "repair", "--memory", snapshot, code=0)
    assert not scene.findings()
    broken.delete_namespace(cluster, "tea-house")
    assert until(lambda: not namespace(cluster, "tea-house"), 30), "the namespace controller empties it, and it goes"
    assert cluster.get(CONFIG_MAP_KIND, "blends", "tea-house") is None


def test_a_wiped_namespace_deleted_after_the_plan_is_not_emptied_by_it(scene: Scene) -> None:
    run, cluster, plan = scene.run, scene.cluster, str(scene.folder / "wiped.json")
    for name in ("oolong", "pu-erh"):
        broken.create(cluster, NAMESPACE_KIND, name)
        broken.create(cluster, CONFIG_MAP_KIND, "blends", name, data={"house": "dark"})
        broken.wipe(cluster, name)
    planned(run, "repair", "--out", plan, code=3)
    broken.delete_namespace(cluster, "oolong")
    assert run("apply", plan, "--yes").returncode == 0
    assert namespace(cluster, "pu-erh")["spec"]["finalizers"] == ["kubernetes"]
    assert not namespace(cluster, "oolong")["spec"]
    assert cluster.get(CONFIG_MAP_KIND, "blends", "oolong")
    cure = scene.findings()["wiped-namespace"]["cure"]
    assert "/api/v1/namespaces/oolong/finalize -f -" in cure
    filled = namespace(cluster, "oolong") | {"spec": {"finalizers": ["kubernetes"]}}
    cluster.request("PUT", "/api/v1/namespaces/oolong/finalize", filled)  # what the pipe with jq sends
    assert until(lambda: not namespace(cluster, "oolong"), 30)
    broken.delete_namespace(cluster, "pu-erh")


def test_an_aggregated_api_without_a_backend_is_named_and_deleted_and_the_namespace_goes(scene: Scene) -> None:
    broken.silent_metrics(scene.cluster)
    assert "v1beta1.metrics.k8s.io" in scene.run("explain", "namespace/ebb").stdout
    seen = scene.run("doctor")
    assert seen.returncode == 5
    scene.type(kubectl_in(seen.stdout, "delete apiservice"))
    assert until(lambda: not namespace(scene.cluster, "ebb"), 60)
    assert scene.run("doctor").returncode == 0


def test_what_another_operators_finalizer_holds_already_is_not_the_plans_doing(scene: Scene) -> None:
    broken.held_by_others(scene.cluster)
    planned(scene.run, "uninstall", code=3)
    for name in ("amber-road", "bronze-road"):
        said = scene.run("explain", f"namespace/{name}").stdout
        assert "pier.example.net/hold" in said
        assert "spec.finalizers is empty" not in said
        scene.type(kubectl_in(said, "patch"))
        assert until(lambda name=name: not namespace(scene.cluster, name), 30)  # type: ignore[misc]


def test_a_webhook_of_others_that_stops_pods_is_named_with_the_command_that_lets_them_start(scene: Scene) -> None:
    rule = ("", "pods", ["CREATE"])
    broken.hook(scene.cluster, broken.MUTATING, "mesh-wagon", ("mesh-system", "meshd"), rule)
    assert not broken.starts_pods(scene.cluster)
    cure = scene.findings()["dead-webhook-of-others"]["cure"]
    scene.type(kubectl_in(cure, "delete"))
    assert broken.starts_pods(scene.cluster)


def test_a_webhook_of_another_manager_on_namespaces_stops_the_plan_until_the_named_command(scene: Scene) -> None:
    bound = {"labels": {"kubesphere.io/workspace": "ws7"}, "finalizers": ["agent.example.org/auth"]}
    broken.create(scene.cluster, NAMESPACE_KIND, "dock-ledger", meta=bound)
    rule = ("", "namespaces", ["CREATE", "UPDATE", "DELETE"])
    broken.hook(scene.cluster, broken.VALIDATING, "fleet-owner", ("fleet-system", "fleet-hook"), rule)
    refused = planned(scene.run, "uninstall", code=4)
    assert "fleet-owner" in refused.stderr
    scene.type(kubectl_in(refused.stderr, "delete"))
    planned(scene.run, "uninstall", code=3)
    scene.cluster.merge_patch(NAMESPACE_KIND, "dock-ledger", "", {"metadata": {"finalizers": None, "labels": None}})


def test_the_rights_that_a_check_lacks_are_given_by_the_named_commands(scene: Scene) -> None:
    """The account may list everything but Endpoints, on which the checks of webhooks rest."""
    kinds = [kind for kind in scene.cluster.kinds().values() if kind.plural != "endpoints"]
    rules = [{"apiGroups": [kind.group], "resources": [kind.plural], "verbs": ["get", "list"]} for kind in kinds]
    role, binding = (scene.cluster.kinds()[f"{name}.{RBAC}"] for name in ("ClusterRole", "ClusterRoleBinding"))
    broken.create(scene.cluster, role, "clerks", rules=rules)
    given = {"apiGroup": RBAC, "kind": "ClusterRole", "name": "clerks"}
    subjects = [{"apiGroup": RBAC, "kind": "User", "name": "clerk"}]
    broken.create(scene.cluster, binding, "clerks", roleRef=given, subjects=subjects)
    seen = scene.run("doctor", "-o", "json", KS_RESET_AS="clerk")
    found = {f["id"]: f for f in json.loads(seen.stdout)}
    assert (seen.returncode, found.keys()) == (5, {"unreadable", "unchecked"}), seen.stdout
    commands = [part.text for part in split_message(found["unchecked"]["cure"]) if part.is_command]
    for command in commands:
        assert "--as" not in command
        scene.type(command)
    done = scene.run("doctor", KS_RESET_AS="clerk")
    assert done.returncode == 0, done.stdout


def shaped(scene: Scene, name: str, cluster: dict[str, Any], user: dict[str, Any] | None = None) -> str:
    """A kubeconfig for the plane with other ways to it."""
    config = json.loads((scene.plane.folder / "kubeconfig").read_text())
    config["clusters"][0]["cluster"] |= cluster
    config["users"][0]["user"] = user or config["users"][0]["user"]
    path = scene.folder / name
    path.write_text(json.dumps({**config, "clusters": [_without_none(config["clusters"][0])]}))
    return str(path)


def _without_none(entry: dict[str, Any]) -> dict[str, Any]:
    return {**entry, "cluster": {k: v for k, v in entry["cluster"].items() if v is not None}}


def test_the_ways_of_a_kubeconfig_are_taken_or_named(scene: Scene) -> None:
    plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": PROGRAM, "interactiveMode": "Never"}
    failed = scene.run("doctor", KUBECONFIG=shaped(scene, "exec", {}, {"exec": plugin}))
    assert failed.returncode not in (0, 3)
    assert PROGRAM in failed.stderr
    assert "403" not in failed.stderr
    insecure = shaped(scene, "insecure", {"certificate-authority-data": None, "insecure-skip-tls-verify": True})
    done = scene.run("doctor", KUBECONFIG=insecure)
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    closed = scene.run("doctor", KUBECONFIG=shaped(scene, "closed", {"proxy-url": "http://127.0.0.1:9"}))
    assert closed.returncode == 5, closed.stderr
    assert "proxy" in closed.stderr.lower()


def test_a_plain_331_goes_with_its_notification_manager_its_types_and_webhooks(scene: Scene) -> None:
    run, cluster, plan = scene.run, scene.cluster, str(scene.folder / "plain.json")
    broken.plain_monitoring(cluster)
    planned(run, "uninstall", "--out", plan, code=3)
    asked = run("apply", plan)
    assert (asked.returncode, "There is no terminal to ask on" in asked.stderr) == (4, True), asked.stderr
    done = run(*own_in(asked.stderr, "--yes"))
    assert done.returncode == 0, done.stderr
    verified = run("verify")
    assert verified.returncode == 0, verified.stdout
    assert not [k for k in cluster.discover().kinds if k.endswith("kubesphere.io")]
    assert not cluster.list(broken.VALIDATING)
    assert cluster.get(CONFIG_MAP_KIND, "prices", "default")
