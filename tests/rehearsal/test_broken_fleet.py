"""A fleet in which more and more breaks, on real planes with the real kubefed; what a command names is typed."""

import json
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from ks_reset.catalogue.names import (
    CRD_KIND,
    DEPLOYMENT_KIND,
    ENDPOINTS_KIND,
    KUBEFED_NAMESPACE,
    NAMESPACE_KIND,
    SECRET_KIND,
    WORKSPACE_KIND,
)
from ks_reset.cluster import Client, until
from ks_reset.model import Kind
from ks_reset.rehearsal import scenario
from ks_reset.rehearsal.fleet import RehearsalFleet
from tests.rehearsal import broken
from tests.rehearsal.broken import namespace
from tests.rehearsal.command import Command
from tests.rehearsal.plants import CLUSTER, RECORD
from tests.rehearsal.typed import own_in, planned

pytestmark = pytest.mark.rehearsal
NOWHERE = "https://127.0.0.1:9"
TEMPLATE = Kind("tenant.kubesphere.io", "v1alpha2", "WorkspaceTemplate", "workspacetemplates", False)
TYPE_CONFIG = Kind("core.kubefed.io", "v1beta1", "FederatedTypeConfig", "federatedtypeconfigs", True)
MANAGER = ("kubesphere-system", "ks-controller-manager")


class Scene(Struct):
    """The incident's world, healthy at first; each test breaks it further, and the last one removes KubeSphere."""

    world: RehearsalFleet
    run: Command
    folder: Path

    def findings(self) -> dict[str, Any]:
        return {f["id"]: f for f in json.loads(self.run("doctor", "-o", "json").stdout)}

    def applied(self, words: list[str], *codes: int, **environment: str) -> str:
        """Make a plan by the command as a message names it, into a file of its own, and apply that; its stderr."""
        plan = str(self.folder / words[-1])
        done = self.run(*words[:-1], plan, **environment)
        assert done.returncode == 0, done.stdout + done.stderr
        ended = self.run("apply", plan, "--yes", **environment)
        assert ended.returncode in (codes or (0,)), ended.stderr
        return ended.stderr


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("broken-fleet")
    with scenario.run_scenario("incident", "1.24.17", print, folder / "world") as world:
        run = Command(world, folder)
        run.environment["COLUMNS"] = "4000"
        yield Scene(world, run, folder)


def leave_member(host: Client, name: str) -> None:
    """A member whose machines are gone: its records, its Cluster in deletion, and a webhook for each change of it."""
    config = {"clusters": [{"name": "a", "cluster": {"server": NOWHERE, "insecure-skip-tls-verify": True}}]}
    config |= {"users": [{"name": "a", "user": {"token": "none"}}], "current-context": "a"}
    config |= {"contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}], "kind": "Config"}  # type: ignore[dict-item]
    kubeconfig = b64encode(json.dumps(config | {"apiVersion": "v1"}).encode()).decode()
    connection = {"type": "direct", "kubernetesAPIEndpoint": NOWHERE, "kubeconfig": kubeconfig}
    spec = {"joinFederation": True, "enable": True, "provider": "", "connection": connection}
    broken.create(host, CLUSTER, name, meta={"finalizers": ["finalizer.cluster.kubesphere.io"]}, spec=spec)
    secret = f"{name}-q4k9z"
    broken.create(host, SECRET_KIND, secret, KUBEFED_NAMESPACE, stringData={"token": "none"})
    broken.create(host, RECORD, name, KUBEFED_NAMESPACE, spec={"apiEndpoint": NOWHERE, "secretRef": {"name": secret}})


def test_a_record_that_kubefed_calls_offline_is_named_and_the_member_forgotten_past_a_living_webhook(
    scene: Scene,
) -> None:
    host, name = scene.world.host, "dc-harbour"
    leave_member(host, name)

    def offline() -> bool:
        status = (host.get(RECORD, name, KUBEFED_NAMESPACE) or {}).get("status") or {}
        return [c["type"] for c in status.get("conditions") or [] if c["status"] == "True"] == ["Offline"]

    scene.world.wait("kubefed calls it offline", offline, 120)
    cure = scene.findings()["unready-record"]["cure"]
    host.delete(CLUSTER, name)
    ready = {"subsets": [{"addresses": [{"ip": "10.9.8.7"}], "ports": [{"port": 8443}]}]}
    host.merge_patch(ENDPOINTS_KIND, MANAGER[1], MANAGER[0], ready)
    rule = ("cluster.kubesphere.io", "clusters", ["CREATE", "UPDATE", "DELETE"])
    broken.hook(host, broken.VALIDATING, "cluster-guard", MANAGER, rule)
    host.json_patch(
        broken.VALIDATING,
        "cluster-guard",
        "",
        [{"op": "replace", "path": "/webhooks/0/rules/0/apiVersions", "value": ["*"]}],
    )
    planned(scene.run, "detach-member", "--members", "test", code=3)
    scene.applied(own_in(cure, "forget-member"))
    assert host.get(CLUSTER, name) is None
    assert host.get(RECORD, name, KUBEFED_NAMESPACE) is None
    assert host.get(broken.VALIDATING, "cluster-guard"), "the webhook is back"
    host.delete(broken.VALIDATING, "cluster-guard")


def test_the_label_managed_false_is_not_told_as_a_claim_of_kubefeds(scene: Scene) -> None:
    template = scene.world.host.list(TEMPLATE)[0]["metadata"]["name"]
    scene.world.host.merge_patch(TEMPLATE, template, "", {"metadata": {"labels": {"kubefed.io/managed": "false"}}})
    said = scene.run("explain", f"workspacetemplate/{template}").stdout
    assert "kubefed takes it for its own" not in said
    scene.world.host.merge_patch(TEMPLATE, template, "", {"metadata": {"labels": {"kubefed.io/managed": None}}})


def test_a_record_whose_account_the_member_lost_is_known_by_its_endpoint_and_ca(scene: Scene) -> None:
    world = scene.world
    world.scale_kubefed(0)
    broken.delete_namespace(world.test, KUBEFED_NAMESPACE)
    assert until(lambda: not namespace(world.test, KUBEFED_NAMESPACE), 60)
    world.host.merge_patch(CLUSTER, "test", "", {"status": None})
    planned(scene.run, "uninstall", code=3)


def half_run_script(world: RehearsalFleet) -> None:
    """What the vendor's script has done when it is killed early (ks-installer v3.3.1, scripts/kubesphere-delete.sh)."""
    host = world.host
    for cluster in world.clusters.values():
        cluster.merge_patch(DEPLOYMENT_KIND, MANAGER[1], MANAGER[0], {"spec": {"replicas": 0}})
        for hook in cluster.list(broken.VALIDATING):
            if hook["metadata"]["name"] in ("users.iam.kubesphere.io", "resourcesquotas.quota.kubesphere.io"):
                cluster.delete(broken.VALIDATING, hook["metadata"]["name"])
        for body in cluster.list(WORKSPACE_KIND):
            cluster.merge_patch(WORKSPACE_KIND, body["metadata"]["name"], "", {"metadata": {"finalizers": None}})
    host.delete(DEPLOYMENT_KIND, "kubefed-controller-manager", KUBEFED_NAMESPACE)
    broken.delete_namespace(host, KUBEFED_NAMESPACE)


def test_the_vendors_script_killed_half_way_is_repaired_and_then_ended_by_an_uninstall(scene: Scene) -> None:
    world = scene.world
    half_run_script(world)
    held = "finalizer core.kubefed.io/federated-type-config"

    def is_held() -> bool:
        configs = world.host.list(TYPE_CONFIG, KUBEFED_NAMESPACE)
        return bool(configs) and all(body["metadata"].get("deletionTimestamp") for body in configs)

    world.wait("kubefed's configurations hang", is_held)
    assert held in scene.run("explain", f"namespace/{KUBEFED_NAMESPACE}").stdout
    found = scene.findings()["terminating-system-namespace"]
    assert "FederatedTypeConfig" in json.dumps(found)
    said = scene.applied(own_in(found["cure"], "plan repair"), 0, 7)
    if "plan adopt-member" in said:  # the records went first: nobody can tell whose the join on the member is
        adopt = own_in(said, "plan adopt-member")
        scene.applied(adopt, KS_RESET_MEMBER="", KS_RESET_CONTEXT="test")
        assert scene.run("apply", str(scene.folder / "repair.json"), "--yes").returncode == 0
    else:
        assert "loosen-seatbelt: 2 write(s)" in said
    assert until(lambda: not namespace(world.host, KUBEFED_NAMESPACE), 60)
    assert world.lost() == []

    broken.default_types(world.test)
    refused = scene.run("plan", "uninstall")
    words = ["plan", "uninstall", "--out", "end.json"]
    if refused.returncode == 4:
        words = own_in(refused.stderr, "--gone-host")
    scene.applied(words)
    verified = scene.run("verify")
    assert verified.returncode == 0, verified.stdout
    assert world.lost() == []
    for cluster in world.clusters.values():
        assert not [c for c in cluster.list(CRD_KIND) if c["metadata"]["name"].endswith("kubesphere.io")]
    assert namespace(world.host, KUBEFED_NAMESPACE) == {}
    assert world.host.list(NAMESPACE_KIND)
