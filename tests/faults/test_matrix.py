"""Every fault at every class of request: the command converges, or stops with a documented exit code and goes on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.crash import Case, make_case
from tests.faults.matrix import ALWAYS, ONCE, Cell, cells, documented_codes, shake, strike
from tests.faults.world import World, memory_world

SAMPLE = (
    Cell("doctor", "list", "403", ONCE),
    Cell("plan", "list", "410", ALWAYS),
    Cell("plan", "discovery", "half an answer", ALWAYS),
    Cell("apply", "delete", "404 as HTML", ALWAYS),
    Cell("apply", "create", "reset after the request", ONCE),
    Cell("apply", "patch", "half an answer", ONCE),
    Cell("apply", "lease", "409", ONCE),
    Cell("apply", "access review", "401", ALWAYS),
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with memory_world(tmp_path) as made:
        yield made


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world, "stale-record")


def test_exit_codes_are_read_from_the_reference() -> None:
    assert documented_codes("apply") == {0, 4, 5, 6, 7}
    assert documented_codes("plan") == {0, 4, 5}
    assert documented_codes("doctor") == documented_codes("verify") == {0, 3, 5}


def test_a_sample_of_the_matrix(world: World, case: Case) -> None:
    outcomes = {cell: strike(world, case, cell) for cell in SAMPLE}
    assert {cell: outcome.wrong for cell, outcome in outcomes.items() if outcome.wrong} == {}
    assert min(outcome.struck for outcome in outcomes.values()) >= 1


@pytest.mark.rehearsal
@pytest.mark.nightly
@pytest.mark.timeout(36000)
@pytest.mark.parametrize("command", ["doctor", "plan", "verify", "apply"])
def test_the_whole_matrix(world: World, case: Case, command: str) -> None:
    outcomes = {cell: strike(world, case, cell) for cell in cells(case, command)}
    assert {cell: outcome.wrong for cell, outcome in outcomes.items() if outcome.wrong} == {}
    assert [cell for cell, outcome in outcomes.items() if not outcome.struck] == []


@pytest.mark.rehearsal
@pytest.mark.nightly
@pytest.mark.timeout(36000)
@pytest.mark.parametrize("seed", range(20))
def test_three_of_ten_requests_fail_at_random(world: World, case: Case, seed: int) -> None:
    outcome = shake(world, case, 0.3, seed)
    assert (outcome.wrong, outcome.struck > 20) == ((), True)
