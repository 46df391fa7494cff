"""The runbook by hand: every script of the incident's runbook with a real kubectl from PATH ends where `apply` ends."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from msgspec import Struct

from ks_reset.rehearsal import scenario
from ks_reset.rehearsal.fleet import RehearsalFleet
from tests.rehearsal.command import Command
from tests.rehearsal.inventory import Inventory, inventory

pytestmark = [pytest.mark.rehearsal, pytest.mark.nightly]
LINE = re.compile(r"`bash ((?:kubectl|checks)/[\w.-]+)`")


class Followed(Struct):
    """A world whose runbook was followed to its end."""

    world: RehearsalFleet
    run: Command
    before: Inventory
    book: Path
    done: list[str]


def follow(run: Command, book: Path, script: str, wait: str = "120") -> "subprocess.CompletedProcess[str]":
    env = run.environment | {"KS_WAIT": wait, "HOME": str(run.folder)}
    line = ["bash", script]
    return subprocess.run(line, cwd=book, env=env, capture_output=True, text=True, check=False, timeout=600)


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Followed]:
    folder = tmp_path_factory.mktemp("runbook")
    with scenario.run_scenario("incident", "1.24.17", print, folder / "world") as world:
        world.arm()
        before, run, book = inventory(world), Command(world, folder), folder / "book"
        planned = run("plan", "uninstall", "--out", str(folder / "plan.json"))
        assert planned.returncode == 0, planned.stderr
        written = run("runbook", str(folder / "plan.json"), "--to", str(book))
        assert written.returncode == 0, written.stderr
        made = Followed(world, run, before, book, LINE.findall((book / "runbook.md").read_text()))
        skipped = follow(run, book, "kubectl/08-sever.host.sh", wait="0")
        assert (skipped.returncode, "Nothing was sent." in skipped.stderr) == (1, True), "a step cannot be skipped"
        for script in made.done:
            done = follow(run, book, script)
            assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        yield made


def test_every_script_was_run(followed: Followed) -> None:
    scripts = {str(path.relative_to(followed.book)) for path in followed.book.glob("kubectl/*.sh")}
    assert len(scripts) > 20
    assert scripts <= set(followed.done)


def test_no_object_of_a_user_is_lost_or_changed(followed: Followed) -> None:
    after = inventory(followed.world)
    assert len(followed.before) > 250
    assert {name for name in followed.before if after.get(name) != followed.before[name]} == set()
    assert followed.world.lost() == []


def test_nothing_is_left_for_apply(followed: Followed) -> None:
    verdict = json.loads(followed.run("verify", "-o", "json").stdout)
    assert (verdict["leftovers"], verdict["unknown"]) == ([], [])
    planned = followed.run("plan", "uninstall")
    assert (planned.returncode, "Nothing to do" in planned.stdout) == (0, True), planned.stdout
    applied = followed.run("apply", str(followed.book / "plan.json"), "--yes")
    assert (applied.returncode, "Nothing to do" in applied.stdout) == (0, True), applied.stderr


def test_a_script_started_again_changes_nothing_and_succeeds(followed: Followed) -> None:
    after = inventory(followed.world)
    (script,) = (followed.book / "kubectl").glob("*-loosen-seatbelt.host.sh")
    again = follow(followed.run, followed.book, f"kubectl/{script.name}", wait="5")
    assert (again.returncode, f"proven: {script.stem}" in again.stdout) == (0, True), again.stderr
    assert inventory(followed.world) == after


def test_the_api_server_takes_the_objects_of_the_job(followed: Followed) -> None:
    done = followed.run("runbook", str(followed.book / "plan.json"), "-o", "job")
    bodies = list(yaml.safe_load_all(done.stdout))
    kubectl = ["kubectl", "--context", "host", "create", "--validate=true", "-f", "-"]
    for body in bodies:  # the namespace is there for the objects in it; nothing else stays
        dry = [] if body["kind"] == "Namespace" else ["--dry-run=server"]
        text = yaml.safe_dump(body)
        env = os.environ | followed.run.environment
        said = subprocess.run([*kubectl, *dry], input=text, env=env, capture_output=True, text=True, check=False)
        assert said.returncode == 0, said.stderr
