"""A member stops answering in the middle: exit 7, nothing half-recorded, and the same command finishes."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from ks_reset.cluster import until
from ks_reset.rehearsal.fleet import RehearsalFleet
from tests.rehearsal.command import Command
from tests.rehearsal.inventory import inventory

pytestmark = [pytest.mark.rehearsal, pytest.mark.nightly]
MakeWorld = Callable[..., RehearsalFleet]


def test_a_member_that_stops_answering_stops_the_run_and_the_next_finishes_it(world: MakeWorld, tmp_path: Path) -> None:
    made = world()
    made.arm()
    before, run, plan = inventory(made), Command(made, tmp_path), str(tmp_path / "plan.json")
    assert run("plan", "uninstall", "--out", plan).returncode == 0
    process = run.start("apply", plan, "--yes", "--request-timeout", "3", "--timeout", "30")
    assert until(lambda: len(run.journal()) >= 16, 120)
    server = _api_server(made)
    os.kill(server, signal.SIGSTOP)
    assert process.wait(180) == 7
    begun = sum('"event":"begin"' in line for line in run.journal())
    os.kill(server, signal.SIGCONT)
    finished, verified = run("apply", plan, "--yes"), run("verify")
    assert (finished.returncode, verified.returncode) == (0, 0), finished.stderr + verified.stdout
    assert '"event":"stopped"' in "".join(run.journal())
    assert sum('"event":"begin"' in line for line in run.journal()) > begun > 0
    after = inventory(made)
    assert {name for name in before if after.get(name) != before[name]} == set()


def _api_server(made: RehearsalFleet) -> int:
    """The process id of the member's kube-apiserver."""
    port = made.test.server.rpartition(":")[2]
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        line = path.read_bytes() if path.exists() else b""
        if b"kube-apiserver" in line and f"--secure-port={port}".encode() in line:
            return int(path.parent.name)
    raise AssertionError("the member has an API server")
