"""With four times the namespaces, at most 4.3 times the operations: no scan in a scan.

An operation is a line of Python that is run, each turn of a loop and of a comprehension included; time is not measured.
"""

import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from itertools import groupby
from types import FrameType, SimpleNamespace
from typing import Any

import pytest

from bench.fleets import Run
from bench.worlds import make_fleet
from ks_reset import seatbelt
from ks_reset.apply.carry_out import carry_out
from ks_reset.apply.write.alone import needs_own_look
from ks_reset.apply.write.settle import wait_settled
from ks_reset.errors import Refused
from ks_reset.findings import require_unblocked
from ks_reset.guards import GUARDS, GuardContext
from ks_reset.guards.endings import ended_objects
from ks_reset.model import ClusterFacts, Delete, Obj, Options, Plan, RemoveMarks
from ks_reset.plan import make as planning
from ks_reset.simulation import foresee_consequences, losses_by_time
from tests.apply.memory_cluster import Running

SMALL, TIMES, LIMIT = 15, 4, 4.3
NAMES = ("losses", "findings", "steps", "simulation", "remaining actions", "bystanders", "guards", "waits", "writes")


def operations(call: Callable[[], object]) -> int:
    """How many lines are run in a call."""
    count = 0

    def trace(_: FrameType, event: str, __: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    threading.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
        threading.settrace(before)  # type: ignore[arg-type]  # typeshed lacks None
    return count


def parts(run: Run, plan: Plan) -> dict[str, Callable[[], object]]:
    book, read, options = run.book, run.facts, Options()
    return {
        "losses": lambda: losses_by_time(read),  # before the findings, which ask for them too
        "findings": lambda: require_unblocked(book, read, options),
        "steps": lambda: planning.make_plan(book, read, options),
        "simulation": lambda: foresee_consequences(plan, read),
        "remaining actions": lambda: run.apply(plan),
        "bystanders": lambda: run.verify(plan),
        "guards": lambda: guard_all(run, plan),
        "waits": lambda: wait_for_all(run, plan),
        "writes": lambda: write_all(run, plan),
    }


def guard_all(run: Run, plan: Plan) -> None:
    """Each guard before each deletion, as if nothing was done before; as in a run, a type was read again."""
    deletions = [action for action in plan.actions if isinstance(action, Delete)]
    doomed = frozenset(action.uid for action in deletions)
    for action in deletions:
        cluster = run.facts.cluster(action.cluster)
        assert cluster
        now = cluster.get(action.kind.key, action.name, action.namespace)
        fresh = cluster.with_types({key: cluster.of(key) for key in seatbelt.KINDS})
        context = GuardContext(fresh, cluster.identity, doomed, (), None)
        for guard in GUARDS if now else ():
            with suppress(Refused):
                guard(action, now, context)


def wait_for_all(run: Run, plan: Plan) -> None:
    """The wait for each deletion; its object is gone at the first look."""
    client = SimpleNamespace(get=lambda *_: None, list=lambda *_, **__: [])
    context: Any = SimpleNamespace(
        fleet=SimpleNamespace(cluster=lambda _: client),
        teller_of=lambda _: print,
        facts=run.facts,
        timeout=1.0,
        end_actions=lambda *_: None,
    )
    wait_settled(context, [action for action in plan.actions if isinstance(action, Delete)], lambda *_: True)


def write_all(run: Run, plan: Plan) -> None:
    """Every write on the host that may fly, but those that end an owner: its dependents still name it here."""
    running = Running(run.facts)
    host = run.facts.host
    writes = [a for a in plan.actions if a.cluster == host.identity and isinstance(a, Delete | RemoveMarks)]
    present = [(a, now) for a in writes if (now := host.get(a.kind.key, a.name, a.namespace))]
    flying = [a for a, now in present if not (needs_own_look(a, now) or (isinstance(a, Delete) and _owns(host, now)))]
    for _, mine in groupby(flying, lambda action: (action.step, action.verb)):
        carry_out(running.run, list(mine))
    assert running.cluster.asked.total() <= 1.2 * running.run.written.total()


def _owns(host: ClusterFacts, now: Obj) -> bool:
    return any(host.dependents_of(ended.uid) for ended in ended_objects(now, host))


@pytest.fixture(scope="module")
def counted() -> dict[str, list[int]]:
    counts: dict[str, list[int]] = {name: [] for name in NAMES}
    for size in (3, SMALL, SMALL * TIMES):  # the first loads the data files
        run = Run(make_fleet(size))
        plan = planning.make_plan(run.book, run.facts, Options())
        for name, part in parts(Run(make_fleet(size)), plan).items():
            counts[name].append(operations(part))
    return counts


@pytest.mark.parametrize("name", NAMES)
def test_four_times_the_namespaces_take_no_more_than_four_times_the_operations(
    name: str, counted: dict[str, list[int]]
) -> None:
    _, small, large = counted[name]
    assert large > small > 100
    assert large / small <= LIMIT, (small, large)
