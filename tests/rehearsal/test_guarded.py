"""What stands in the way of a run on real planes: a hold of somebody else's, a seatbelt taken off, another machine."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from ks_reset.apply.watch.run_lock import RunLock
from ks_reset.catalogue.names import LEASE_KIND, WORKSPACE_KIND
from ks_reset.cluster import until
from ks_reset.rehearsal.fleet import RehearsalFleet
from tests.rehearsal.command import Command
from tests.rehearsal.inventory import inventory

pytestmark = pytest.mark.rehearsal
MakeWorld = Callable[..., RehearsalFleet]
HOLD = "example.com/hold"


def hold(made: RehearsalFleet, *finalizers: str) -> None:
    body = made.host.get(WORKSPACE_KIND, "ws2") or {}
    kept = [f for f in body["metadata"].get("finalizers", []) if f != HOLD]
    made.host.merge_patch(WORKSPACE_KIND, "ws2", "", {"metadata": {"finalizers": [*kept, *finalizers]}})


def test_a_run_says_who_holds_what_and_stops_where_the_seatbelt_is_off(world: MakeWorld, tmp_path: Path) -> None:
    made = world()
    made.arm()
    hold(made, HOLD)
    before, run, plan = inventory(made), Command(made, tmp_path), str(tmp_path / "plan.json")
    assert run("plan", "uninstall", "--out", plan).returncode == 0
    stopped = run("apply", plan, "--yes", "--timeout", "20")
    assert stopped.returncode == 7, stopped.stderr
    assert "the owner of example.com/hold" in stopped.stderr
    assert "Nothing was forced" in stopped.stderr
    assert made.host.get(LEASE_KIND, "ks-reset", "kube-system") is None, "the lock is let go"

    process = run.start("apply", plan, "--yes")
    assert until(lambda: run("protect", "status").returncode == 0, 60), "the seatbelt is on again"
    lines = len(run.journal())
    assert run("protect", "off", "--force").returncode == 0
    hold(made)
    assert process.wait(120) == 4
    assert len(run.journal()) >= lines
    assert "seatbelt of this cluster is off" in "".join(run.journal())

    finished = run("apply", plan, "--yes")
    assert finished.returncode == 0, finished.stderr
    after = inventory(made)
    assert {name for name in before if after.get(name) != before[name]} == set()


def test_another_machine_is_waited_for_no_longer_than_its_lock_lasts(world: MakeWorld, tmp_path: Path) -> None:
    made = world()
    made.arm()
    run, plan = Command(made, tmp_path), str(tmp_path / "plan.json")
    assert run("plan", "stale-record", "--out", plan).returncode == 0
    other, over = RunLock(made.host, "somebody@elsewhere/uninstall-1"), threading.Event()
    other.take_lock()

    def renew() -> None:
        while not over.wait(3):
            other.take_lock()

    thread = threading.Thread(target=renew, daemon=True)
    thread.start()
    refused = run("apply", plan, "--yes")
    over.set()
    thread.join()
    assert refused.returncode == 4, refused.stderr
    assert "somebody@elsewhere/uninstall-1" in refused.stderr
    assert run("apply", plan, "--yes").returncode == 0, "nobody renews it any more"
    assert made.lost() == []
