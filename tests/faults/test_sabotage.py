"""Each check of the matrices sees what it is there for: a part of the tool is taken away, and the check is red."""

from collections.abc import Iterator

import pytest

from ks_reset import guards, local
from ks_reset.apply import remaining
from ks_reset.apply.write import request
from ks_reset.cluster import client
from ks_reset.errors import ResetError
from ks_reset.guards import same_uid
from ks_reset.journal import Journal
from tests.faults.crash import Case, Point, kill_and_continue, make_case, problems
from tests.faults.drift import record_created_again
from tests.faults.matrix import ALWAYS, Cell, strike
from tests.faults.world import CALM, World, memory_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with memory_world(tmp_path_factory.mktemp("sabotage")) as made:
        yield made


@pytest.fixture(scope="module")
def case(world: World) -> Case:
    return make_case(world, "stale-record")


def _begin_nothing() -> None:
    Journal.begin_actions = lambda *_: None  # type: ignore[method-assign]


def _leave_lines_cut() -> None:
    local.end_last_line = lambda _: None


def _believe_failed_lists() -> None:
    real = client.Client.list

    def listed(*given: object, **more: object) -> object:
        try:
            return list(real(*given, **more))  # type: ignore[arg-type]
        except ResetError:
            return []

    client.Client.list = listed  # type: ignore[method-assign,assignment]


def _forget_uids() -> None:
    remaining._why_foreign = lambda *_: ""
    request.GUARDS = tuple(guard for guard in guards.GUARDS if guard is not same_uid.guard)  # type: ignore[attr-defined]


def test_a_write_that_is_not_in_the_journal_is_seen(world: World, case: Case) -> None:
    ends = kill_and_continue(world, case, Point("write", 5, "after"), _begin_nothing)
    assert any("is not in the journal" in each for each in problems(world, case, ends))


def test_a_journal_that_goes_on_in_a_line_cut_short_is_seen(world: World, case: Case) -> None:
    ends = kill_and_continue(world, case, Point("journal", 6, "cut"), _leave_lines_cut)
    assert problems(world, case, ends) != []


def test_an_answer_that_takes_a_failed_list_for_an_empty_one_is_seen(world: World, case: Case) -> None:
    outcome = strike(world, case, Cell("doctor", "list", "410", ALWAYS), _believe_failed_lists)
    assert outcome.wrong != ()


def test_a_write_on_another_object_of_the_same_name_is_seen(world: World, case: Case) -> None:
    world.begin_again()
    record_created_again(world.host.store)
    ended = world.run("apply", case.plan, *CALM, hook=_forget_uids)
    assert any("is not in the plan" in each for each in ended.bad)


def test_an_object_that_another_run_left_differently_is_seen(world: World, case: Case) -> None:
    world.begin_again()
    ended = world.run("apply", case.plan, *CALM)
    assert problems(world, case, [ended]) == []
    place = ("ConfigMap", "shop", "settings")
    world.host.store.objects[place] = {**world.host.store.objects[place], "data": {"a": "2"}}
    assert problems(world, case, [ended]) == [f"differs: ('host', {place})"]
