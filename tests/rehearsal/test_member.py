"""One member of a running federation is forgotten, detached, proven fit for a join, and joined again; none is hurt."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import Struct

from ks_reset.catalogue.names import KUBEFED_NAMESPACE, NAMESPACE_KIND, SECRET_KIND
from ks_reset.model import Body, Kind
from ks_reset.rehearsal import scenario
from ks_reset.rehearsal.fleet import RehearsalFleet
from ks_reset.rehearsal.kubefed import Join, join_cluster
from ks_reset.rehearsal.objects import put_objects
from tests.rehearsal.command import Command
from tests.rehearsal.inventory import inventory

pytestmark = pytest.mark.rehearsal
CLUSTER = Kind("cluster.kubesphere.io", "v1alpha1", "Cluster", "clusters", False)
RECORD = Kind("core.kubefed.io", "v1beta1", "KubeFedCluster", "kubefedclusters", True)
DEPLOYMENT = Kind("apps", "v1", "Deployment", "deployments", True)
HOOK = Kind(
    "admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", False
)
RUNNING = (("kubefed-controller-manager", KUBEFED_NAMESPACE), ("ks-controller-manager", "kubesphere-system"))
MANAGED = "kubefed.io/managed"


class Scene(Struct):
    """A healthy federation, always running; the tests of this file build on each other."""

    world: RehearsalFleet
    run: Command
    folder: Path

    def plan(self, name: str) -> str:
        return str(self.folder / name)

    def records(self) -> set[tuple[str, str]]:
        host = self.world.host
        found = [(k, b) for k in (CLUSTER, RECORD) for b in host.list(k)]
        return {(kind.kind, body["metadata"]["name"]) for kind, body in found}

    def workspaces(self) -> dict[str, str]:
        return {name: self.world.workspace_uid(name) for name in ("ws1", "ws2")}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("member")
    with scenario.run_scenario("incident", "1.24.17", print, folder / "world") as world:
        yield Scene(world, Command(world, folder), folder)


def test_a_dead_member_is_forgotten_past_finalizers_and_a_webhook_that_nobody_answers(scene: Scene) -> None:
    world, before = scene.world, scene.workspaces()
    _plant_dead(world)
    untold, alive = scene.run("plan", "forget-member"), scene.run("plan", "forget-member", "--members", "test")
    assert (untold.returncode, "--members NAME" in untold.stderr) == (2, True)
    assert alive.returncode == 4
    assert "plan detach-member" in alive.stderr
    assert "--members test" in alive.stderr
    plan = scene.plan("forget.json")
    assert scene.run("plan", "forget-member", "--members", "dead", "--out", plan).returncode == 0
    applied = scene.run("apply", plan, "--yes")
    assert applied.returncode == 0, applied.stderr
    assert ("Cluster", "dead") not in scene.records()
    assert ("KubeFedCluster", "dead") not in scene.records()
    assert world.host.get(SECRET_KIND, "dead-secret", KUBEFED_NAMESPACE) is None
    assert scene.workspaces() == before
    _works_again(scene)


def test_what_is_left_to_do_on_the_dead_member_is_saved_for_the_day_it_returns(scene: Scene) -> None:
    saved = json.loads((scene.folder / "forget.later-dead.json").read_text())
    assert (saved["open"], saved["playbook"], saved["clusters"][0]["name"]) == (True, "adopt-member", "dead")
    assert saved["request"]["gone"] == ["test-kubesphere"], (
        "the token that the record brought says whose account it was"
    )
    assert saved["clusters"][0]["identity"] == "11111111-2222-3333-4444-555555555555"
    other = scene.run("plan", scene.plan("forget.later-dead.json"), "--context", "test")
    assert (other.returncode, "saved for dead" in other.stderr) == (6, True)


def test_a_member_is_detached_while_its_host_works_on(scene: Scene) -> None:
    world, before = scene.world, inventory(scene.world)
    plan = scene.plan("detach.json")
    planned = scene.run("plan", "detach-member", "--members", "test", "--out", plan)
    assert planned.returncode == 0, planned.stderr
    applied = scene.run("apply", plan, "--yes")
    assert applied.returncode == 0, applied.stderr
    assert scene.records() == {("Cluster", "host"), ("KubeFedCluster", "host")}
    found = [b for k in world.test.kinds().values() for b in world.test.list(k)]
    assert [b["metadata"]["name"] for b in found if (b["metadata"].get("labels") or {}).get(MANAGED) == "true"] == []
    assert [b["metadata"]["name"] for b in found if "test-kubesphere" in b["metadata"]["name"]] == []
    after = inventory(world)
    assert {name for name in before if after.get(name) != before[name]} == set()
    assert world.lost() == []
    _works_again(scene)


def test_the_gate_before_a_join_finds_nothing_left_to_clean(scene: Scene) -> None:
    alone = scene.run("plan", "adopt-member", "--context", "test", KS_RESET_MEMBER="")
    assert (alone.returncode, "Nothing to do" in alone.stdout) == (0, True), alone.stderr
    from_host = scene.run("plan", "adopt-member", "--members", "test")
    assert from_host.returncode == 0, from_host.stderr


def test_joined_again_the_member_gets_its_project_back_and_loses_nothing(scene: Scene) -> None:
    world = scene.world
    join_cluster(world.kubefed, world.kubeconfig, "host", world.test, Join("test", "test"))

    def taken() -> bool:
        found = world.test.get(NAMESPACE_KIND, "catalog") or {"metadata": {}}
        return (found["metadata"].get("labels") or {}).get(MANAGED) == "true"

    world.wait("kubefed has taken the project on the member for its own again", taken)
    assert world.lost() == []
    found = json.loads(scene.run("doctor", "-o", "json").stdout)
    assert [f["id"] for f in found if f["severity"] == "critical"] == []


def _works_again(scene: Scene) -> None:
    for name, namespace in RUNNING:
        body = scene.world.host.get(DEPLOYMENT, name, namespace) or {}
        assert body["spec"]["replicas"] == 1
    kubelet = scene.world.kubelets["host", RUNNING[0][0]]
    scene.world.wait("kubefed runs again", lambda: kubelet.running)


def _plant_dead(world: RehearsalFleet) -> None:
    """A silent member with finalizers on its records, and a webhook without a backend."""
    host = world.host
    record, secret = (
        host.get(RECORD, "test", KUBEFED_NAMESPACE) or {},
        host.get(SECRET_KIND, "test-secret", KUBEFED_NAMESPACE) or {},
    )
    about = {"name": "dead", "namespace": KUBEFED_NAMESPACE, "finalizers": ["core.kubefed.io/example"]}
    spec = record["spec"] | {"apiEndpoint": "https://127.0.0.1:1", "secretRef": {"name": "dead-secret"}}
    put_objects(
        host, [_of(SECRET_KIND, {"name": "dead-secret", "namespace": KUBEFED_NAMESPACE}) | {"data": secret["data"]}]
    )
    put_objects(host, [_of(RECORD, about) | {"spec": spec}])
    connection = {"type": "direct", "kubernetesAPIEndpoint": "https://127.0.0.1:1", "kubeconfig": ""}
    cluster = _of(CLUSTER, {"name": "dead", "finalizers": ["finalizer.cluster.kubesphere.io"]})
    status = {"uid": "11111111-2222-3333-4444-555555555555"}
    put_objects(
        host, [cluster | {"spec": {"joinFederation": True, "enable": True, "connection": connection}, "status": status}]
    )
    rule = {"apiGroups": ["core.kubefed.io"], "apiVersions": ["v1beta1"], "operations": ["CREATE", "UPDATE"]}
    hook = {
        "name": "kubefedclusters.core.kubefed.io",
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "failurePolicy": "Fail",
        "clientConfig": {"service": {"namespace": KUBEFED_NAMESPACE, "name": "kubefed-admission-webhook"}},
        "rules": [rule | {"resources": ["kubefedclusters"]}],
    }
    put_objects(host, [_of(HOOK, {"name": "validations.core.kubefed.io"}) | {"webhooks": [hook]}])


def _of(kind: Kind, meta: Body) -> Body:
    return {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": meta}
