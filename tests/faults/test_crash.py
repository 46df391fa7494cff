"""Killed with -9, or failing on its own machine, and started again: the end is that of an uninterrupted run.

The kills are real, of whole commands; the API server is a fake (fake_server.py). On real control planes:
tests/rehearsal/test_killed.py. A sample of the points runs with the unit tests, all of them in `make nightly`.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import crash
from tests.faults.crash import Case, Point, case_of, kill_again_and_again, kill_and_continue, problems, sample_of
from tests.faults.world import CALM, World, memory_world

PARTS = 4
"""Tests that share the sample, so that workers do."""
PLAYBOOKS = ("stale-record", "uninstall", "restore")
CHAINS = (
    Point("write", 3, "after"),
    Point("write", 4, "before"),
    Point("write", 4, "after"),
    Point("journal", 3, "cut"),
)
"""Points in each run of a chain: the first two writes are its locks, the first entry says that it began, so each run
gets one or two actions further."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with memory_world(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def cure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Case]]:
    """A world with a plan of `stale-record`: each test begins it again."""
    with memory_world(tmp_path_factory.mktemp("cure")) as made:
        yield made, case_of(made, "stale-record")


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_a_sample_of_the_points(cure: tuple[World, Case], part: int) -> None:
    world, case = cure
    points = sample_of(case, 40)
    assert len(points) >= 40
    assert _wrong_at(world, case, points[part::PARTS]) == {}


@pytest.mark.parametrize("what", ["write", "journal"])
def test_a_run_killed_at_its_end_is_finished_by_the_next(cure: tuple[World, Case], what: str) -> None:
    """Nothing is left to do then but the last entry of the journal, and the locks."""
    world, case = cure
    last = Point("write", case.writes, "before") if what == "write" else Point("journal", case.entries, "cut")
    assert _wrong_at(world, case, [last]) == {}


@pytest.mark.rehearsal
@pytest.mark.nightly
@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_chains_of_kills_in_every_playbook(world: World, playbook: str) -> None:
    case = case_of(world, playbook)
    for point in CHAINS:
        kills, ends = kill_again_and_again(world, case, point)
        assert (kills > 2, problems(world, case, ends)) == (True, []), point


@pytest.mark.rehearsal
@pytest.mark.nightly
@pytest.mark.timeout(36000)
@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_killed_at_every_point(world: World, playbook: str) -> None:
    case = case_of(world, playbook)
    assert _wrong_at(world, case, list(case.points)) == {}


def _wrong_at(world: World, case: Case, points: list[Point]) -> dict[Point, list[str]]:
    """What is wrong after a kill at each of these points; a run that was not killed there is wrong too."""
    bad = {}
    for point in points:
        ends = kill_and_continue(world, case, point)
        missed = [] if ends[0].code == crash.KILLED else [f"not killed, but {ends[0].code}"]
        if found := missed + problems(world, case, ends):
            bad[point] = found
    return bad


def test_a_full_disk_stops_the_run_and_the_next_one_finishes_it(cure: tuple[World, Case]) -> None:
    world, case = cure
    for number in (1, case.entries // 2):
        world.begin_again()
        stopped = world.run("apply", case.plan, *CALM, hook=crash.disk_full(number))
        assert (stopped.code, "Check the disk, then run the same command again" in stopped.said) == (7, True)
        again = world.run("apply", case.plan, *CALM)
        assert problems(world, case, [stopped, again]) == []


def test_a_read_only_state_directory_is_refused_before_the_first_write(cure: tuple[World, Case]) -> None:
    world, case = cure
    world.begin_again()
    refused = world.run("apply", case.plan, *CALM, hook=crash.read_only(world.state))
    assert (refused.code, world.trouble.written) == (2, 0), refused
    again = world.run("apply", case.plan, *CALM)
    assert problems(world, case, [refused, again]) == []


@pytest.mark.rehearsal
@pytest.mark.nightly
def test_a_state_directory_that_is_removed_in_the_middle_is_not_needed_to_go_on(cure: tuple[World, Case]) -> None:
    world, case = cure
    world.begin_again()
    crash.state_gone(world, case.writes // 2)
    first = world.run("apply", case.plan, *CALM)
    world.trouble.clear()
    again = world.run("apply", case.plan, *CALM)
    assert first.code in (0, 7), first
    assert problems(world, case, [first, again]) == []


@pytest.mark.rehearsal
@pytest.mark.nightly
def test_a_journal_cut_at_any_byte_is_continued(cure: tuple[World, Case]) -> None:
    world, case = cure
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
