"""Killed with -9, or failing on its own machine, and started again: the end is that of an uninterrupted run.

The kills are real, of whole commands; the API server is in memory (tests/faults/store.py). On real control planes:
tests/rehearsal/test_killed.py.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import crash
from tests.faults.crash import Case, Point, kill_again_and_again, kill_and_continue, make_case, problems
from tests.faults.world import CALM, World, memory_world

pytestmark = [pytest.mark.rehearsal, pytest.mark.nightly]
PLAYBOOKS = ("stale-record", "uninstall", "restore")
SMALL_CHAINS = (Point("write", 2, "after"), Point("write", 3, "before"), Point("journal", 3, "cut"))
CHAINS = (Point("write", 4, "after"),)
"""Points in each run of a chain, so that every few writes or entries a run is killed."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with memory_world(tmp_path) as made:
        yield made


def case_of(world: World, playbook: str) -> Case:
    """The plan of this playbook; before an uninstall the stale record is cured, before a restore all is uninstalled."""
    cured = make_case(world, "stale-record")
    if playbook == "stale-record":
        return cured
    world.keep()
    removed = make_case(world, "uninstall")
    if playbook == "uninstall":
        return removed
    world.keep()
    run = next((world.state / "runs").glob("uninstall-*")).name
    return make_case(world, "restore", "--run", run)


def test_runs_killed_again_and_again_end_as_one_run_would(world: World) -> None:
    case = case_of(world, "stale-record")
    kills, ends = kill_again_and_again(world, case, SMALL_CHAINS[0])
    assert problems(world, case, ends) == []
    assert kills >= 5


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_chains_of_kills_in_every_playbook(world: World, playbook: str) -> None:
    case = case_of(world, playbook)
    for point in (*SMALL_CHAINS, *CHAINS):
        kills, ends = kill_again_and_again(world, case, point)
        assert (kills > 2, problems(world, case, ends)) == (True, []), point


@pytest.mark.timeout(36000)
@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_killed_at_every_point(world: World, playbook: str) -> None:
    case = case_of(world, playbook)
    points = list(case.points)
    bad = {}
    for point in points:
        ends = kill_and_continue(world, case, point)
        if found := problems(world, case, ends):
            bad[point] = found
    assert bad == {}


def test_a_full_disk_stops_the_run_and_the_next_one_finishes_it(world: World) -> None:
    case = case_of(world, "stale-record")
    for number in (1, case.entries // 2):
        world.begin_again()
        stopped = world.run("apply", case.plan, *CALM, hook=crash.disk_full(number))
        assert (stopped.code, "Check the disk, then run the same command again" in stopped.said) == (7, True)
        again = world.run("apply", case.plan, *CALM)
        assert problems(world, case, [stopped, again]) == []


def test_a_read_only_state_directory_is_refused_before_the_first_write(world: World) -> None:
    case = case_of(world, "stale-record")
    world.begin_again()
    refused = world.run("apply", case.plan, *CALM, hook=crash.read_only(world.state))
    assert (refused.code, world.trouble.written) == (2, 0), refused
    again = world.run("apply", case.plan, *CALM)
    assert problems(world, case, [refused, again]) == []


def test_a_state_directory_that_is_removed_in_the_middle_is_not_needed_to_go_on(world: World) -> None:
    case = case_of(world, "stale-record")
    world.begin_again()
    crash.state_gone(world, case.writes // 2)
    first = world.run("apply", case.plan, *CALM)
    world.trouble.clear()
    again = world.run("apply", case.plan, *CALM)
    assert first.code in (0, 7), first
    assert problems(world, case, [first, again]) == []


def test_a_journal_cut_at_any_byte_is_continued(world: World) -> None:
    case = case_of(world, "stale-record")
    kill_at = Point("write", case.writes // 2, "after")
    chance = random.Random(20)
    for _ in range(2):
        world.begin_again()
        world.trouble.kill = lambda number, moment: (number, moment) == (kill_at.number, kill_at.moment)
        first = world.run("apply", case.plan, *CALM)
        path = world.journal(case.playbook)
        assert path
        assert first.code == crash.KILLED
        content = path.read_bytes()
        path.write_bytes(content[: chance.randrange(len(content))])
        world.trouble.clear()
        assert problems(world, case, [first, world.run("apply", case.plan, *CALM)]) == []
