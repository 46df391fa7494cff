"""The whole way on the incident: uninstall, verify, reinstall, rejoin, rebind; each stage approved by its digest.

kubefed and the control planes are real. KubeSphere's pods cannot run here: ks-installer, its cluster controller and the
other pods are stand-ins (ks_reset/rehearsal/standin/installer.py and standin/).
"""

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import Struct

from ks_reset import local
from ks_reset.catalogue.names import (
    DEPLOYMENT_KIND,
    KS_INSTALLER,
    KUBEFED_CLUSTER_KEY,
    KUBESPHERE_NAMESPACE,
    NAMESPACE_KIND,
)
from ks_reset.rehearsal import scenario
from ks_reset.rehearsal.fleet import RehearsalFleet
from ks_reset.rehearsal.standin.installer import carry_out_installations
from tests.rehearsal import audit
from tests.rehearsal.certified import with_certificate
from tests.rehearsal.command import Command
from tests.rehearsal.inventory import Inventory, inventory
from tests.rehearsal.registry import registry

pytestmark = pytest.mark.rehearsal
MANIFEST = local.shared_folder("examples") / "incident" / "install" / "kubesphere-installer.yaml"
SECRET = "a-secret-that-signs-tokens"
VALUES = """
version: v3.3.1
source: {{path: {path}, sha256: {sha256}}}
registry: {registry}
jwtSecret: {secret}
allow: [kubernetes-version, storage-class, nodes]  # a rehearsal's API server is newer, and has no nodes
"""


class Way(Struct):
    """A world with the incident, and all inputs of a reset."""

    world: RehearsalFleet
    run: Command
    folder: Path
    before: Inventory
    values: Path
    withdrawn: set[str]
    held: set[str]
    joins: Path

    def flags(self) -> list[str]:
        host = self.values.read_text().partition("registry: ")[2].partition("\n")[0]
        return [f"--values={self.values}", f"--join=test={self.joins}", f"--plain-http={host}", "--watch=20"]

    def stage(self, approve: str = "", timeout: int = 90) -> tuple[int, str, str]:
        """One call of reset: its exit code, the digest to approve, and its output."""
        done = self.run("reset", *self.flags(), f"--timeout={timeout}", *([f"--approve={approve}"] if approve else []))
        said = done.stdout + done.stderr
        found = re.search(r"--approve ([0-9a-f]{12})", said)
        return done.returncode, found[1] if found else "", said


@pytest.fixture(scope="module")
def way(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Way]:
    folder, withdrawn = tmp_path_factory.mktemp("reset"), {"kubesphere/ks-console"}
    held = {"ks-console"}
    with scenario.run_scenario("incident", "1.34.4", print, folder / "world") as world, registry(withdrawn) as host:
        world.arm()
        values, manifest = folder / "install.yaml", folder / "installer.yaml"
        manifest.write_text(
            MANIFEST.read_text().replace("kubesphere/ks-installer:", f"{host}/kubesphere/ks-installer:")
        )
        sha256 = hashlib.sha256(manifest.read_bytes()).hexdigest()
        values.write_text(VALUES.format(path=manifest, sha256=sha256, registry=host, secret=SECRET))
        with carry_out_installations(world, held):
            joins = with_certificate(world.kubeconfig.parent / "test")
            yield Way(world, Command(world, folder), folder, inventory(world), values, withdrawn, held, joins)


def test_nothing_is_taken_off_while_an_image_is_missing(way: Way) -> None:
    before = audit.writes(way.folder)
    code, digest, said = way.stage()
    assert (code, digest) == (4, ""), said
    assert "kubesphere/ks-console:v3.3.1 cannot be pulled on " in said
    assert "it is not there" in said
    assert audit.writes(way.folder) == before
    way.withdrawn.clear()


def test_nothing_is_taken_off_while_a_later_stage_lacks_something(way: Way) -> None:
    before, host = audit.writes(way.folder), way.world.kubeconfig.parent / "host" / "kubeconfig"
    bare = way.run("reset")
    without = way.run("reset", f"--values={way.values}")
    wrong = way.run("reset", f"--values={way.values}", f"--join=test={host}")
    by_token = way.run("reset", f"--values={way.values}", f"--join=test={host.parents[1] / 'test' / 'kubeconfig'}")
    assert (bare.returncode, without.returncode, wrong.returncode) == (2, 2, 4), wrong.stderr
    assert "KubeSphere v3.3.1 would never say that test is ready" in by_token.stderr
    assert "--join test=FILE" in by_token.stderr
    assert "--values FILE" in bare.stderr
    assert "--join test=FILE" in without.stderr
    assert "The kubeconfig for test leads to the cluster" in wrong.stderr
    assert audit.writes(way.folder) == before


def test_each_stage_waits_for_the_approval_of_its_own_plan(way: Way) -> None:
    before = audit.writes(way.folder)
    code, digest, said = way.stage()
    assert (code, len(digest)) == (3, 12), said
    other = way.stage("0" * 12)
    assert (other[0], "is not the plan that was shown for uninstall" in other[2]) == (6, True), other[2]
    assert audit.writes(way.folder) == before
    code, digest, said = way.stage(digest)
    assert (code, "Plan reinstall" in said) == (3, True), said


def test_an_installation_that_is_killed_or_hangs_goes_on_without_another_approval(way: Way) -> None:
    host, shown = way.world.host, way.stage()
    process = way.run.start("reset", *way.flags(), f"--approve={shown[1]}")
    way.world.wait(
        "the installer is there", lambda: host.get(DEPLOYMENT_KIND, KS_INSTALLER, KUBESPHERE_NAMESPACE) is not None
    )
    process.kill()
    process.wait()
    code, _, said = way.stage(timeout=20)
    assert (code, "✓ uninstall, done before" in said) == (7, True), said
    assert "ks-console:v3.3.1 cannot be pulled: Back-off pulling image" in said
    way.held.clear()
    code, _, said = way.stage()
    assert (code, "Plan rejoin" in said) == (3, True), said


def test_the_last_stages_are_rejoin_and_rebind(way: Way) -> None:
    code, digest, said = way.stage()
    seen = []
    while code == 3:
        seen.append(said.rpartition("Plan ")[2].split()[0])
        code, digest, said = way.stage(digest)
    assert (code, seen) == (0, ["rejoin", "rebind"]), said


def test_every_namespace_is_bound_again_and_nothing_of_the_users_has_changed(way: Way) -> None:
    world = way.world
    wanted = {(plane, name): workspace for plane, name, workspace in world.scenario.business()}
    assert {place: _workspace(world, place) for place in wanted} == wanted
    after = inventory(world)
    assert {name for name in way.before if after.get(name) != way.before[name]} == set()
    assert world.lost() == []
    names = [b["metadata"]["name"] for c in world.clusters.values() for b in c.list(NAMESPACE_KIND)]
    assert [name for name in names if name.startswith("ks-reset-canary-")] == []


def test_each_cluster_is_reached_by_one_record_and_no_credential_was_written_down(way: Way) -> None:
    found = json.loads(way.run("doctor", "-o", "json").stdout)
    assert {finding["id"] for finding in found} <= {"dead-webhook", "namespace-without-workspace"}
    # The example's `catalog` is on test too, and its Workspace is placed on the host alone.
    outside = [each["object"] for f in found if f["id"] == "namespace-without-workspace" for each in f["evidence"]]
    assert set(outside) <= {"Namespace catalog"}
    kinds = way.world.host.kinds()
    records = [record["metadata"]["name"] for record in way.world.host.list(kinds[KUBEFED_CLUSTER_KEY])]
    assert sorted(records) == ["host", "test"]
    config, kept = b64encode(way.joins.read_bytes()), way.run.kept()
    assert (b"reinstall" in kept, SECRET.encode() in kept, config in kept) == (True, False, False)


def test_a_reset_that_is_done_begins_anew(way: Way) -> None:
    code, digest, said = way.stage()
    assert (code, "done before" in said, len(digest)) == (3, False, 12), said


def _workspace(world: RehearsalFleet, place: tuple[str, str]) -> str:
    meta = (world.clusters[place[0]].get(NAMESPACE_KIND, place[1]) or {})["metadata"]
    owners = [owner["name"] for owner in meta.get("ownerReferences", [])]
    return str((owners or [meta.get("labels", {}).get("kubesphere.io/workspace", "")])[0])
