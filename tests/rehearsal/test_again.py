"""The second half of the incident: KubeSphere is put back, and namespaces are bound again, a canary first.

KubeSphere's pods cannot run here: its installation is its objects, and its controllers are the stand-in. kubefed is
real. One story, told in order: a record that nobody knows of comes in the middle, twice; then it goes well.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from msgspec import Struct

from ks_reset.catalogue.names import (
    CLUSTER_CONFIGURATION_KEY,
    DEPLOYMENT_KIND,
    KUBEFED_CLUSTER_KIND,
    KUBEFED_NAMESPACE,
    NAMESPACE_KIND,
    SECRET_KIND,
    WORKSPACE_LABEL,
)
from ks_reset.rehearsal import kubefed, scenario
from ks_reset.rehearsal.fleet import RehearsalFleet
from tests.rehearsal import audit
from tests.rehearsal.command import Command
from tests.rehearsal.inventory import Inventory, inventory

pytestmark = pytest.mark.rehearsal
KUBEFED = ("kubefed-controller-manager", "kube-federation-system")


class Again(Struct):
    """A world after uninstall and reinstall, and its state before."""

    world: RehearsalFleet
    run: Command
    memory: str
    before: Inventory
    folder: Path

    def plan(self, name: str, watch: int = 20) -> str:
        """A plan to bind everything again, in a file of this name."""
        path = str(self.folder / name)
        planned = self.run("plan", "rebind", "--memory", self.memory, "--watch", str(watch), "--out", path)
        assert planned.returncode == 0, planned.stderr
        return path

    def bound(self) -> set[tuple[str, str]]:
        """The business namespaces with the label of a Workspace, or an owner, on either cluster."""
        return {place for place in self.world.business if self.workspace(place)}

    def workspace(self, place: tuple[str, str]) -> str:
        meta = (self.world.clusters[place[0]].get(NAMESPACE_KIND, place[1]) or {})["metadata"]
        owners = [owner["name"] for owner in meta.get("ownerReferences", [])]
        return str((owners or [meta.get("labels", {}).get(WORKSPACE_LABEL, "")])[0])

    def events(self, plan: str) -> list[dict[str, object]]:
        """The journal of a plan so far."""
        digest = json.loads(Path(plan).read_text())["digest"]
        path = self.folder / "state" / "runs" / f"rebind-{digest[:16]}" / "journal.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def spoil(self, plan: str, step: str, count: int) -> "subprocess.Popen[str]":
        """Apply a plan, and join the stale record as soon as a step has ended so many actions."""
        running = self.run.start("apply", plan, "--yes")
        self.world.wait(f"{step} has done {count}", lambda: _ended(self.events(plan), step) >= count)
        self.world.join_stale()
        return running

    def cure(self) -> None:
        """Take the stale record away, let kubefed run, and the seatbelt off; test_stale_record has the cure."""
        host, name = self.world.host, self.world.scenario.incident.record
        host.delete(KUBEFED_CLUSTER_KIND, name, KUBEFED_NAMESPACE)
        host.delete(SECRET_KIND, f"{name}-secret", KUBEFED_NAMESPACE)
        with kubefed.short_delays(host):
            self.world.scale_kubefed(1)
            self.world.wait("ws1 is there again", lambda: self.world.workspace_uid("ws1") != "")
        assert self.run("protect", "off", "--force").returncode == 0


def _ended(events: list[dict[str, object]], step: str) -> int:
    return sum(e["event"] == "end" and str(e["action"]).startswith(f"{step} ") for e in events)


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Again]:
    folder = tmp_path_factory.mktemp("again")
    with scenario.run_scenario("incident", "1.34.4", print, folder / "world") as world:
        world.arm()
        before, run, plan = inventory(world), Command(world, folder), str(folder / "uninstall.json")
        assert run("plan", "uninstall", "--out", plan).returncode == 0
        applied = run("apply", plan, "--yes")
        assert applied.returncode == 0, applied.stderr
        world.reinstall()
        memory = next((folder / "state" / "runs").glob("uninstall-*/before.json.gz"))
        yield Again(world, run, str(memory), before, folder)


VALUES = "version: v3.3.1\nsource: {path: page.html}\njwtSecret: of-both\nregistry: 127.0.0.1:9\n"


def test_what_could_not_be_put_back_is_not_taken_off_and_nothing_is_written(again: Again) -> None:
    values = again.folder / "install.yaml"
    values.write_text(VALUES.replace("page.html", str(again.folder / "page.html")))
    (again.folder / "page.html").write_text("<!doctype html><title>moved</title>")
    before, path = audit.writes(again.folder), str(again.folder / "never.json")
    found = again.run("feasible", str(values), "-o", "json")
    refused = again.run("plan", "uninstall", "--values", str(values), "--out", path)
    assert (found.returncode, refused.returncode, Path(path).exists()) == (4, 4, False)
    ids = {finding["id"] for finding in json.loads(found.stdout)}
    assert ids == {"source", "images", "kubernetes-version", "storage-class", "nodes"}
    assert "is a web page, and not the manifest of KubeSphere v3.3.1" in refused.stderr
    assert again.run("plan", "uninstall", "--values", str(values), "--uninstall-only").returncode == 0
    assert audit.writes(again.folder) == before


def test_the_configuration_is_one_that_the_api_server_takes(again: Again) -> None:
    values, kind = again.folder / "install.yaml", again.world.host.kinds()[CLUSTER_CONFIGURATION_KEY]
    values.write_text(VALUES)
    for cluster, role in (("host", "host"), ("test", "member")):
        made = yaml.safe_load(again.run("render", str(values), "--cluster", cluster).stdout)
        assert made["spec"]["multicluster"]["clusterRole"] == role
        made["metadata"]["name"] = "a-dry-run"
        path = f"{kind.path('kubesphere-system')}?dryRun=All&fieldValidation=Strict"
        taken = again.world.clusters[cluster].request("POST", path, made)
        assert taken["spec"] == made["spec"]


def test_a_memory_is_needed_and_that_of_another_fleet_is_refused(again: Again) -> None:
    bare = again.run("plan", "rebind")
    other = again.run("plan", "rebind", "--memory", again.memory, "--context", "test", KS_RESET_MEMBER="host=host")
    assert (bare.returncode, "--memory SNAPSHOT" in bare.stderr) == (2, True)
    assert (other.returncode, "another fleet" in other.stderr) == (2, True)


def test_a_record_that_comes_while_the_canary_is_watched_costs_a_canary_and_binds_nothing(again: Again) -> None:
    plan = again.plan("canary.json")
    running = again.spoil(plan, "send-canaries", 9)
    assert running.wait(240) == 4, again.run.said()
    _went_back(again)
    assert _ended(again.events(plan), "rebind-first") == 0
    assert again.run("plan", "rebind", "--memory", again.memory).returncode == 4
    again.cure()


def test_a_record_that_comes_between_the_batches_costs_nothing_and_all_are_unbound(again: Again) -> None:
    plan = again.plan("batches.json")
    running = again.spoil(plan, "rebind-namespaces", 4)
    assert running.wait(240) == 4, again.run.said()
    _went_back(again)
    assert _ended(again.events(plan), "rebind-namespaces") >= 4
    again.cure()


def _went_back(again: Again) -> None:
    """Nothing is lost and nothing bound, kubefed stopped, the seatbelt on, no canary there; the chain is told."""
    said, world = again.run.said(), again.world
    assert "Workspace.tenant.kubesphere.io ws1 of host" in said or "ks-reset-canary-ws1 of host" in said, said
    assert "kubefed deletes Workspace.tenant.kubesphere.io ws1 on host" in said, said
    assert "produce-trt" in said, said
    assert (world.lost(), again.bound()) == ([], set())
    deployment = world.host.get(DEPLOYMENT_KIND, *KUBEFED) or {}
    assert deployment["spec"]["replicas"] == 0
    assert [each["on"] for each in json.loads(again.run("protect", "status", "-o", "json").stdout)] == [True, True]
    assert not [n for n in _namespaces(world) if n.startswith("ks-reset-canary-")]


def test_without_one_every_namespace_is_bound_again_also_by_a_run_that_was_killed(
    again: Again,
) -> None:
    plan = again.plan("well.json", watch=8)
    killed = again.run.start("apply", plan, "--yes")
    again.world.wait("two are bound", lambda: _ended(again.events(plan), "rebind-namespaces") >= 2)
    killed.kill()
    killed.wait()
    applied = again.run("apply", plan, "--yes")
    assert applied.returncode == 0, applied.stderr
    wanted = {(plane, name): workspace for plane, name, workspace in again.world.scenario.business()}
    assert {place: again.workspace(place) for place in wanted} == wanted
    after = inventory(again.world)
    assert {name for name in again.before if after.get(name) != again.before[name]} == set()
    assert again.world.lost() == []
    assert not [n for n in _namespaces(again.world) if n.startswith("ks-reset-canary-")]
    users = again.world.host.list(again.world.host.kinds()["User.iam.kubesphere.io"])
    assert {user["metadata"]["name"] for user in users} == {"admin", "li-wei"}


def test_bound_once_nothing_is_left_to_bind(again: Again) -> None:
    planned = again.run("plan", "rebind", "--memory", again.memory)
    assert (planned.returncode, "Nothing to do" in planned.stdout) == (0, True), planned.stdout


def _namespaces(world: RehearsalFleet) -> list[str]:
    return [body["metadata"]["name"] for cluster in world.clusters.values() for body in cluster.list(NAMESPACE_KIND)]
