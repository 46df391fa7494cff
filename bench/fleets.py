"""The growth of the CPU time of a plan, of its remaining actions and of `verify` with the size of a fleet.

    python -m bench.fleets [--sizes 30,100,300,1000] [--rounds 3]
    python -m bench.fleets --members --sizes 5,20,100,500

The fleets are those of `bench/worlds.py`; with --members the sizes are members instead of namespaces. Prints a table in
Markdown: the share of each part in one run at the largest size, and the exponent of its growth, fitted over all sizes.
The least time of several rounds counts; each round has facts of its own.
"""

import argparse
import gc
import math
import time
from collections.abc import Callable
from typing import TypeVar

from bench.worlds import make_fleet, make_members
from ks_reset.apply.remaining import remaining_actions
from ks_reset.findings import require_unblocked
from ks_reset.local import collect_seldom
from ks_reset.model import FleetFacts, Options, Plan
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.simulation import foresee_consequences, refuse_losses
from ks_reset.verify import compare_bystanders, find_leftovers
from ks_reset.workflows.consequences import planned_consequences

T = TypeVar("T")


class Run:
    """The parts of `plan uninstall`, of the begin of `apply` and of `verify`, with the CPU seconds of each."""

    def __init__(self, read: FleetFacts) -> None:
        self.facts, self.spent = read, dict[str, float]()
        self.book = playbooks.load_playbook("uninstall")

    def plan(self) -> Plan:
        """The plan with its consequences, as `ks-reset plan uninstall` makes it from facts."""
        book, read, options = self.book, self.facts, Options()
        self._timed("findings", lambda: require_unblocked(book, read, options))
        plan = self._timed("steps", lambda: planning.make_plan(book, read, options))
        foreseen = self._timed("simulation", lambda: foresee_consequences(plan, read))
        refuse_losses(plan, foreseen, read)
        consequences = self._timed("consequences", lambda: planned_consequences(plan.request, foreseen, read))
        return planning.with_consequences(plan, consequences)

    def apply(self, plan: Plan) -> None:
        """The remaining actions of the approved plan."""
        fresh = planning.make_plan(self.book, self.facts, Options())
        self._timed("remaining actions", lambda: remaining_actions(plan, fresh, self.facts))

    def verify(self, plan: Plan) -> None:
        """The bystander proof and the leftovers of unchanged clusters: everything is compared."""
        self._timed("bystanders", lambda: compare_bystanders(self.facts, self.facts, (plan,)))
        self._timed("leftovers", lambda: find_leftovers(self.facts))

    def _timed(self, part: str, call: Callable[[], T]) -> T:
        gc.collect()
        begun = time.process_time()
        result = call()
        self.spent[part] = time.process_time() - begun
        return result


def measure(read: FleetFacts) -> dict[str, float]:
    """CPU seconds by part."""
    run = Run(read)
    plan = run.plan()
    run.apply(plan)
    run.verify(plan)
    parts = ("findings", "steps", "simulation", "consequences")
    return {**run.spent, "plan": sum(run.spent[part] for part in parts)}


def _least(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {part: min(one[part] for one in rounds) for part in rounds[0]}


def exponent(sizes: list[int], seconds: list[float]) -> float:
    """The slope of the least-squares line through the logarithms."""
    xs, ys = [math.log(size) for size in sizes], [math.log(max(value, 1e-6)) for value in seconds]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / sum((a - x) ** 2 for a in xs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="30,100,300,1000")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--members", action="store_true", help="the sizes are members instead of namespaces")
    given = parser.parse_args()
    make, of = (make_members, "members") if given.members else (make_fleet, "namespaces")
    sizes = [int(size) for size in given.sizes.split(",")]
    collect_seldom()
    measure(make(min(sizes)))  # loads the data files
    spent = [_least([measure(make(size)) for _ in range(given.rounds)]) for size in sizes]
    print(f"| part | share of the plan's time at {sizes[-1]} {of} | exponent |\n| --- | --- | --- |")
    for part in spent[0]:
        share = spent[-1][part] / spent[-1]["plan"]
        print(f"| {part} | {share:.2f} | {exponent(sizes, [one[part] for one in spent]):.2f} |")


if __name__ == "__main__":
    main()
