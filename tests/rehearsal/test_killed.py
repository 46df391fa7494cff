"""Killed with -9 at ten different points, and started again each time: the end is the same."""

import json
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ks_reset.rehearsal.fleet import RehearsalFleet
from tests.rehearsal.command import Command
from tests.rehearsal.inventory import inventory

pytestmark = pytest.mark.rehearsal
MakeWorld = Callable[..., RehearsalFleet]
STEPS = (1, 4, 11, 16, 45, 70, 90, 130, 200, 300)
"""How many lines the journal has, at least, when the process is killed."""


def test_killed_at_ten_points_and_run_again_it_ends_the_same(world: MakeWorld, tmp_path: Path) -> None:
    made = world()
    made.arm()
    before, run, plan = inventory(made), Command(made, tmp_path), str(tmp_path / "plan.json")
    assert run("plan", "uninstall", "--out", plan).returncode == 0
    killed = [_kill_at(run, plan, lines) for lines in STEPS]
    assert killed == [-signal.SIGKILL] * len(STEPS)
    finished = run("apply", plan, "--yes")
    assert finished.returncode == 0, finished.stderr
    verified = run("verify", "-o", "json")
    assert verified.returncode == 0, verified.stdout
    assert json.loads(verified.stdout)["clean"]
    after = inventory(made)
    assert {name for name in before if after.get(name) != before[name]} == set()


def _kill_at(run: Command, plan: str, lines: int) -> int:
    """Start apply, kill it once the journal is so long, and return its exit code."""
    process = run.start("apply", plan, "--yes")
    deadline = time.monotonic() + 180
    while len(run.journal()) < lines and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)  # many lines come at once, and soon the run is over
    process.kill()
    return process.wait()
