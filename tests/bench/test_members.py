"""With four times the members, at most 4.3 times the operations: of a plan, and of what a run does for each write."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from bench.fleets import Run
from bench.worlds import make_members
from ks_reset.apply.context import Progress, RunContext
from ks_reset.apply.refresh import reread_touched
from ks_reset.facts import Clients
from ks_reset.model import Options, Plan
from ks_reset.plan import make as planning
from tests.apply.memory_cluster import Watching
from tests.bench.test_growth import LIMIT, TIMES, operations, parts

SMALL = 6
NAMES = ("losses", "findings", "steps", "simulation", "remaining actions", "bystanders", "looks", "readings")


def running(run: Run, plan: Plan) -> RunContext:
    """A run over all these clusters; each client and each watch answers at once."""
    made: Any = {world.name: SimpleNamespace(known=world.identity) for world in run.facts.clusters}
    host = made.pop(run.facts.host.name)
    eyes: Any = {world.identity: Watching(world) for world in run.facts.clusters}
    told: Any = Progress(*[lambda *_: None] * 4)
    anything: Any = SimpleNamespace()
    return RunContext(Clients(host, made), plan, run.book, anything, told, 1.0, run.facts, eyes)


def look_for_all(running: RunContext) -> None:
    """The look before each write, and its client."""
    for action in running.plan.actions:
        running.fleet.cluster(action.cluster)
        running.guard_context(action, 1.0)


def read_after_all(running: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reading after a step with all these actions; each list is answered at once."""
    monkeypatch.setattr("ks_reset.apply.refresh.reading.refresh_types", lambda _, world, __: world)
    monkeypatch.setattr("ks_reset.apply.refresh.reading.reread_cluster", lambda _, world: world)
    reread_touched(running, list(running.plan.actions))


def all_parts(size: int, monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], object]]:
    run = Run(make_members(size))
    plan = planning.make_plan(run.book, run.facts, Options())
    lanes = running(run, plan)
    found = parts(Run(make_members(size)), plan)
    return {
        **{name: found[name] for name in NAMES if name in found},
        "looks": lambda: look_for_all(lanes),
        "readings": lambda: read_after_all(lanes, monkeypatch),
    }


@pytest.fixture(scope="module")
def counted() -> dict[str, list[int]]:
    counts: dict[str, list[int]] = {name: [] for name in NAMES}
    with pytest.MonkeyPatch.context() as monkeypatch:
        for size in (2, SMALL, SMALL * TIMES):  # the first loads the data files
            for name, part in all_parts(size, monkeypatch).items():
                counts[name].append(operations(part))
    return counts


@pytest.mark.parametrize("name", NAMES)
def test_four_times_the_members_take_no_more_than_four_times_the_operations(
    name: str, counted: dict[str, list[int]]
) -> None:
    _, small, large = counted[name]
    assert large > small > 100
    assert large / small <= LIMIT, (small, large)
