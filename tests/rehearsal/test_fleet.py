"""A host, five members, two stale records, a second host on one member, and one silent member."""

import gzip
import json
import re
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from msgspec import Struct, field

from ks_reset.rehearsal.kubefed import Join, join_cluster
from tests.rehearsal.command import Command
from tests.rehearsal.fleet import HUB, Fleet, fleet
from tests.rehearsal.inventory import Inventory, inventory

pytestmark = pytest.mark.rehearsal
SECRET = "Secret"


class Scene(Struct):
    """One fleet; the tests of this file build on each other. `said`: the output of all commands."""

    fleet: Fleet
    run: Command
    folder: Path
    before: Inventory = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    credentials: set[str] = field(default_factory=set)

    def __call__(self, *arguments: str, **environment: str) -> "CompletedProcess[str]":
        done = self.run(*arguments, **environment)
        self.said += [done.stdout, done.stderr]
        assert "Traceback" not in done.stderr
        return done

    def findings(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self("doctor", "-o", "json").stdout)
        return [each for each in found if each["severity"] != "info"]

    def path(self, name: str) -> str:
        return str(self.folder / name)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("fleet")
    with fleet(folder) as made:
        run = Command(made.world, folder)
        run.environment |= {"KS_RESET_MEMBER": made.members, "KS_RESET_REQUEST_TIMEOUT": "5"}
        yield Scene(made, run, folder)


OF_THE_EXAMPLE = {
    # No pod runs here, so nothing answers the webhooks.
    ("dead-webhook", ""),
    # `intranet` and `load-tests` are in no Workspace: KubeSphere binds their creator to a Role that it does not create.
    ("dangling-role-binding", "1 RoleBinding(s) of KubeSphere on host name a Role that does not exist"),
    ("dangling-role-binding", "1 RoleBinding(s) of KubeSphere on test name a Role that does not exist"),
    # `catalog` is on test too, and its Workspace is placed on the host alone.
    ("namespace-without-workspace", "1 namespace(s) of test name a Workspace that does not exist"),
}


def test_a_healthy_fleet_has_the_findings_of_the_example_alone(scene: Scene) -> None:
    found = scene.findings()
    assert {f["severity"] for f in found} == {"warning"}
    assert {(f["id"], f["title"] if f["id"] != "dead-webhook" else "") for f in found} == OF_THE_EXAMPLE


def test_doctor_names_each_thing_that_is_wrong(scene: Scene) -> None:
    made = scene.fleet
    made.world.scale_kubefed(0)
    made.second_host()
    made.world.join_stale()
    join_cluster(made.world.kubefed, made.kubeconfig, "host", made.cluster("eu"), Join("old-eu", "eu"))
    scene.before = _kept(made)
    scene.credentials = _credentials(made)
    made.silence("gone")
    found = {(f["id"], f["title"]) for f in scene.findings()}
    assert {
        ("two-records-one-cluster", "The KubeFedClusters host and produce-trt reach the same cluster"),
        ("two-records-one-cluster", "The KubeFedClusters eu and old-eu reach the same cluster"),
        ("two-hosts", "edge was joined by another host: edge-hub"),
        ("missing-member", "The member gone does not answer"),
        ("unreached-record", "The record gone was not seen to reach a cluster: unreachable"),
    } == {pair for pair in found - OF_THE_EXAMPLE if pair[0] not in ("unready-record", "dead-webhook")}
    assert scene("doctor").returncode == 5


def test_an_uninstall_is_refused_until_the_operator_says_what_is_to_become_of_each(scene: Scene) -> None:
    silent = scene("plan", "uninstall")
    shared = scene("plan", "uninstall", "--later", "gone")
    assert (silent.returncode, "--later gone" in silent.stderr) == (5, True)
    assert (shared.returncode, "--shared edge" in shared.stderr) == (4, True)
    planned = scene("plan", "uninstall", "--later", "gone", "--shared", "edge", "--out", scene.path("plan.json"))
    assert planned.returncode == 0, planned.stderr
    assert "plan.later-gone.json" in planned.stderr
    refused = scene("apply", scene.path("plan.later-gone.json"), "--yes")
    assert (refused.returncode, "no objects yet" in refused.stderr) == (4, True)


def test_the_uninstall_cleans_all_but_what_it_was_told_to_leave(scene: Scene) -> None:
    done = scene("apply", scene.path("plan.json"), "--yes")
    assert done.returncode == 0, done.stderr
    reported = scene("verify", "-o", "json", KS_RESET_MEMBER=_without_gone(scene))
    verdict = json.loads(reported.stdout)
    assert (reported.returncode, verdict["leftovers"], verdict["proof"]["changes"]) == (3, [], []), reported.stdout
    assert (verdict["later"], verdict["shared"]) == (["gone"], ["edge"])
    for name in ("host", "test", "eu", "us"):
        served = scene.fleet.cluster(name).kinds()
        assert [key for key in served if key.endswith(("kubesphere.io", "kubefed.io"))] == []


def test_the_second_host_still_reconciles_the_member_that_it_shares(scene: Scene) -> None:
    made = scene.fleet
    made.second_host_works("2")
    edge = made.cluster("edge")
    kinds = edge.kinds()
    accounts = {body["metadata"]["name"] for body in edge.list(kinds["ServiceAccount"], "kube-federation-system")}
    assert accounts == {"default", "edge-hub"}
    assert any(key.endswith("tenant.kubesphere.io") for key in kinds)


def test_when_the_silent_member_returns_its_saved_plan_finishes_the_job(scene: Scene) -> None:
    made = scene.fleet
    made.silence("gone", again=True)
    later, now = scene.path("plan.later-gone.json"), scene.path("now.json")
    made.world.wait("the member answers", lambda: scene("plan", later, "--context", "eu").returncode == 6)
    planned = scene("plan", later, "--context", "gone", "--out", now)
    assert planned.returncode == 0, planned.stderr
    applied = scene("apply", now, "--yes", "--context", "gone")
    assert applied.returncode == 0, applied.stderr
    verified = scene("verify")
    assert verified.returncode == 0, verified.stdout
    assert "gone" not in json.loads(scene("verify", "-o", "json").stdout)["later"]


def test_a_member_whose_last_host_is_gone_is_cleaned_for_the_next(scene: Scene) -> None:
    made = scene.fleet
    adopt = ("plan", "adopt-member", "--context", "edge")
    alone = {"KS_RESET_MEMBER": ""}
    refused = scene(*adopt, **alone)
    assert (refused.returncode, "--gone-host edge-hub" in refused.stderr) == (4, True)
    made.cluster(HUB).merge_patch(
        made.cluster(HUB).kinds()["Deployment.apps"],
        "kubefed-controller-manager",
        "kube-federation-system",
        {"spec": {"replicas": 0}},
    )
    now = scene.path("adopt.json")
    assert scene(*adopt, "--gone-host", "edge-hub", "--out", now, **alone).returncode == 0
    applied = scene("apply", now, "--yes", "--context", "edge", **alone)
    assert applied.returncode == 0, applied.stderr
    assert scene(*adopt, **alone).returncode == 0
    assert made.limits() == {"a": "2"}


def test_nothing_of_anybodys_is_lost_or_changed(scene: Scene) -> None:
    after = _kept(scene.fleet)
    assert len(scene.before) > 400
    assert {name for name in scene.before if after.get(name) != scene.before[name]} == set()
    assert scene.fleet.world.lost() == []


def test_no_credential_is_in_anything_that_was_written_or_said(scene: Scene) -> None:
    scene("snapshot", "--out", scene.path("snapshot.json"))
    scene("runbook", scene.path("plan.json"))
    places = [scene.folder / "state", *scene.folder.glob("*.json")]
    files = [f for place in places for f in ([place] if place.is_file() else place.rglob("*")) if f.is_file()]
    texts = [*scene.said, *map(_text, files)]
    assert len(scene.credentials) > 100
    assert len(files) > 8
    assert [secret[:12] for secret in scene.credentials if any(secret in text for text in texts)] == []


def _without_gone(scene: Scene) -> str:
    return scene.fleet.members.replace(" gone=gone", "")


def _kept(made: Fleet) -> Inventory:
    """The objects to keep everywhere, without the second host's own changes."""
    return {k: v for k, v in inventory(made.world).items() if k[2] != "hub-apps" and k[0] != HUB}


def _credentials(made: Fleet) -> set[str]:
    """Every Secret's values, encoded and plain, and the keys and tokens of every kubeconfig and plane."""
    found = {"rehearsal-only-signs-tokens"}
    for name, cluster in made.world.clusters.items():
        for secret in cluster.list(cluster.kinds()[SECRET]):
            for key, value in (secret.get("data") or {}).items():
                if key not in ("ca.crt", "namespace") and len(value) > 8:
                    found |= {value, b64decode(value).decode(errors="replace")}
        folder = made.folder / "world" / name
        found |= {line for f in folder.glob("*.key") for line in f.read_text().splitlines() if "-" not in line}
        found |= set(re.findall(r'"token": "([^"]+)"', (folder / "kubeconfig").read_text()))
    return {value for value in found if len(value) > 8}


def _text(path: Path) -> str:
    data = path.read_bytes()
    return (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode(errors="replace")
