"""The main job on the incident: everything of KubeSphere's goes from both clusters, nothing of the users' does."""

import json
from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest
from msgspec import Struct

from ks_reset import facts as reading
from ks_reset.catalogue.names import LEADER_ANNOTATION, LEASE_KIND
from ks_reset.credentials.recorded import as_manifest
from ks_reset.facts import Clients
from ks_reset.journal import journal_entries
from ks_reset.model import BeforeImage, Body, FleetFacts
from ks_reset.plan import file as plan_file
from ks_reset.rehearsal import scenario
from ks_reset.rehearsal.fleet import RehearsalFleet
from ks_reset.workflows.restore import before_images
from ks_reset.workflows.vault import TOKEN
from tests.rehearsal import audit
from tests.rehearsal.command import Command
from tests.rehearsal.inventory import SYSTEM, Inventory, inventory

pytestmark = pytest.mark.rehearsal


Contents = dict[tuple[str, str], object]
"""What is in KubeSphere's Secrets, ConfigMaps and users, by context and title."""


class Done(Struct):
    """A world after uninstall, and its state before."""

    world: RehearsalFleet
    run: Command
    plan: Path
    before: Inventory
    folder: Path
    secrets: Contents
    opens: tuple[str, ...]


@pytest.fixture(scope="module", params=["1.24.17", "1.34.4"])
def done(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Done]:
    folder = tmp_path_factory.mktemp("uninstall")
    with scenario.run_scenario("incident", request.param, print, folder / "world") as world:
        world.arm()
        before, run, plan = inventory(world), Command(world, folder), folder / "plan.json"
        identity, vault, secrets = pyrage.x25519.Identity.generate(), str(folder / "vault.age"), contents(world)
        (folder / "key.txt").write_text(str(identity))
        kept = run("vault", "-r", str(identity.to_public()), "--out", vault)
        assert kept.returncode == 0, kept.stderr
        planned = run("plan", "uninstall", "--out", str(plan))
        assert planned.returncode == 0, planned.stderr
        applied = run("apply", str(plan), "--yes")
        assert applied.returncode == 0, applied.stderr
        yield Done(world, run, plan, before, folder, secrets, ("--vault", vault, "--identity", str(folder / "key.txt")))


def test_no_object_of_a_user_is_lost_or_changed(done: Done) -> None:
    after = inventory(done.world)
    different = {name for name in done.before if after.get(name) != done.before[name]}
    assert len(done.before) > 250
    assert different == set()
    assert done.world.lost() == []


def test_discovery_finds_no_leftover_and_the_bystanders_are_proven(done: Done) -> None:
    verified = done.run("verify", "-o", "json")
    verdict = json.loads(verified.stdout)
    assert verified.returncode == 0, verified.stdout
    assert (verdict["clean"], verdict["leftovers"], verdict["proof"]["changes"]) == (True, [], [])
    assert sum(verdict["proof"]["compared"].values()) > 250


def test_on_another_machine_the_answer_is_unknown_until_the_baseline_is_there(done: Done, tmp_path: Path) -> None:
    (baseline,) = (done.folder / "state" / "runs").glob("*/baseline.json.gz")
    copied, elsewhere = tmp_path / "copied.json.gz", str(tmp_path / "elsewhere")
    copied.write_bytes(baseline.read_bytes())
    bare = done.run("verify", KS_RESET_STATE=elsewhere)
    assert (bare.returncode, "Clean" in bare.stdout) == (5, False), bare.stdout
    other_key = done.run("verify", "--baseline", str(copied), KS_RESET_STATE=elsewhere)
    assert (other_key.returncode, "digest.key" in other_key.stderr) == (2, True), other_key.stderr
    with_key = tmp_path / "other-state" / "digest.key"
    with_key.parent.mkdir()
    with_key.write_bytes((done.folder / "state" / "digest.key").read_bytes())
    proven = done.run("verify", "--baseline", str(copied), KS_RESET_STATE=str(with_key.parent))
    assert proven.returncode == 0, proven.stdout


def test_no_type_and_no_mark_of_kubesphere_is_served_any_more(done: Done) -> None:
    for cluster in done.world.clusters.values():
        kinds = cluster.kinds()
        assert [key for key in kinds if key.endswith(("kubesphere.io", "kubefed.io"))] == []
        found = [json.dumps(body["metadata"]) for kind in kinds.values() for body in cluster.list(kind)]
        marked = [text for text in found if "kubesphere.io/" in text or "kubefed.io/" in text]
        assert [text for text in marked if "managedFields" not in text] == []


def test_a_second_apply_sends_no_write_and_a_second_plan_is_empty(done: Done) -> None:
    before = audit.writes(done.folder)
    again, planned = done.run("apply", str(done.plan), "--yes"), done.run("plan", "uninstall")
    assert before > 200
    assert (again.returncode, planned.returncode) == (0, 0), again.stderr + planned.stderr
    assert "Nothing to do" in again.stdout
    assert "Nothing to do" in planned.stdout
    assert audit.writes(done.folder) == before


def test_the_journal_holds_a_before_image_for_every_write(done: Done) -> None:
    events = [json.loads(line) for line in done.run.journal()]
    begun = [e for e in events if e["event"] == "begin" and e["action"]["verb"] in ("scale", "remove-marks", "delete")]
    sent = [e for e in audit.requests(done.folder) if e["verb"] in ("patch", "delete") and not audit.own(e)]
    assert len(begun) == len(sent) > 200
    assert all(event["before"]["metadata"]["uid"] for event in begun)


def test_deleting_a_business_namespace_afterwards_works(done: Done) -> None:
    kind = done.world.host.kinds()["Namespace"]
    done.world.host.delete(kind, "reporting")
    done.world.wait("the namespace is gone", lambda: done.world.host.get(kind, "reporting") is None)


def test_neither_the_seatbelt_nor_the_lock_stays_behind(done: Done) -> None:
    status = done.run("protect", "status", "-o", "json")
    assert [each["on"] for each in json.loads(status.stdout)] == [False, False]
    for cluster in done.world.clusters.values():
        assert cluster.get(LEASE_KIND, "ks-reset", "kube-system") is None


def contents(world: RehearsalFleet) -> Contents:
    found: Contents = {}
    for context, cluster in world.clusters.items():
        kinds = cluster.kinds()
        for key in ("Secret", "ConfigMap", "User.iam.kubesphere.io"):
            for body in cluster.list(kinds[key]) if key in kinds else ():
                meta = body["metadata"]
                if meta.get("namespace", "") in ("", *SYSTEM) and not _passing(body):
                    title = f"{key} {meta.get('namespace', '')}/{meta['name']}"
                    found[context, title] = {k: body.get(k) for k in ("type", "data", "spec")}
    return found


def _passing(body: Body) -> bool:
    """Tokens of deleted accounts, and leader-election locks."""
    meta = body["metadata"]
    return (
        body.get("type") == TOKEN
        or meta["name"] == "kube-root-ca.crt"
        or LEADER_ANNOTATION in (meta.get("annotations") or {})
    )


def test_what_was_deleted_is_given_back_as_it_was_but_for_what_the_plan_names(done: Done) -> None:
    """Last of all, since it puts KubeSphere's objects back. Its pods are the stand-in's, as before."""
    (folder,) = (done.folder / "state" / "runs").glob("uninstall-*")
    past = before_images(
        plan_file.load_plan(done.plan), reading.load_snapshot(folder / "before.json.gz"), journal_entries(folder)
    )
    plan = done.folder / "back.json"
    planned = done.run("plan", "restore", "--run", folder.name, "--out", str(plan), *done.opens)
    assert planned.returncode == 0, planned.stderr
    bare = done.run("apply", str(plan), "--yes")
    assert (bare.returncode, "--vault and --identity" in bare.stderr) == (2, True)
    applied = done.run("apply", str(plan), "--yes", *done.opens)
    assert applied.returncode == 4, "the incident is back, and the seatbelt keeps the namespaces from it"
    assert "ks-reset plan stale-record" in applied.stderr
    facts = reading.read_fleet(Clients(done.world.host, {"test": done.world.test}))
    wanted = [each for each in past if not (_token(each) or "reporting" in (each.obj.name, each.obj.namespace))]
    assert len(wanted) > 250
    assert [each.obj.title for each in wanted if not same(each, facts)] == []
    assert contents(done.world) == done.secrets
    lost = {title(facts, each) for each in past if each not in wanted}
    kept = {(k.cluster, k.object) for k in plan_file.load_plan(plan).kept if not k.why.startswith("its owner")}
    assert kept == {each for each in lost if not _there(facts, *each)}
    written = plan.read_bytes() + done.run.kept()
    hidden = [
        v for (_, key), body in done.secrets.items() if key[:6] == "Secret" for v in (body["data"] or {}).values()
    ]
    assert [value for value in ("$2a$10$", *hidden) if value.encode() in written] == []
    again = done.run("plan", "restore", "--run", folder.name, "--output", "json", *done.opens)
    assert {action["verb"] for action in json.loads(again.stdout)["actions"]} <= {"seatbelt-on", "seatbelt-off"}


def _token(past: BeforeImage) -> bool:
    return past.kind.key == "Secret" and past.obj.name.endswith("-kubesphere-token")


def title(facts: FleetFacts, past: BeforeImage) -> tuple[str, str]:
    return str((facts.cluster(past.cluster) or facts.host).name), past.obj.title


def _there(facts: FleetFacts, cluster: str, title: str) -> bool:
    world = next(w for w in facts.clusters if w.name == cluster)
    return any(obj.title == title for obj in world.all())


def same(past: BeforeImage, facts: FleetFacts) -> bool:
    """Whether the object exists unchanged, apart from UID, status, owners and the server's own fields."""
    world = facts.cluster(past.cluster)
    now = world.get(past.kind.key, past.obj.name, past.obj.namespace) if world else None
    if not now:
        print(past.obj.title, "is not there")
        return False
    was, there = as_manifest(past.body), as_manifest(now.body) if now else {}
    if was != there:
        print(past.obj.title, was, there, sep="\n")
    return was == there
