"""The figures of the fault and crash matrices, against the API server in memory of `tests/faults`.

    python -m bench.faults [--cells 40] [--points 40] [--runs 3] [--seed 1]

Each is a random sample of the cells and points of `stale-record`; 0 takes all of them. Prints a table in Markdown, and
each problem on stderr; the exit code is 1 if there is one.
"""

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from tests.faults.crash import KILLED, Case, kill_and_continue, make_case, problems
from tests.faults.matrix import cells, shake, strike
from tests.faults.world import World, memory_world

T = TypeVar("T")
SHARE = 0.3
Row = tuple[str, int, str, int]
"""What was done, how often, what came of it, and how many problems there were."""


def fault_row(world: World, case: Case, count: int, seed: int) -> Row:
    """Cells of the fault matrix of `apply`."""
    codes, bad, struck = Counter[int](), 0, 0
    for cell in _sample(cells("apply"), count, seed):
        outcome = strike(world, case, cell)
        struck += outcome.struck
        bad += _told(cell, outcome.wrong)
        codes[outcome.code] += outcome.struck > 0
    ended = ", ".join(f"exit {code}: {often}" for code, often in sorted(codes.items()) if often)
    return "one fault at one class of request", codes.total(), f"{struck} faults; {ended}", bad


def random_row(world: World, case: Case, runs: int, seed: int) -> Row:
    """Whole runs with three of ten requests failing."""
    outcomes = [shake(world, case, SHARE, seed + turn) for turn in range(runs)]
    bad = sum(_told(f"seed {seed + turn}", outcome.wrong) for turn, outcome in enumerate(outcomes))
    struck = sum(outcome.struck for outcome in outcomes)
    return "three of ten requests fail at random", runs, f"{struck} faults", bad


def crash_row(world: World, case: Case, count: int, seed: int) -> Row:
    """Points of the crash matrix."""
    killed = bad = 0
    for point in _sample(case.points, count, seed):
        ends = kill_and_continue(world, case, point)
        killed += ends[0].code == KILLED
        bad += _told(point, problems(world, case, ends))
    return "kill -9 at a write or a journal entry", killed, "the end state of an uninterrupted run", bad


def _sample(every: Iterable[T], count: int, seed: int) -> list[T]:
    """So many of them at random, all for 0."""
    them = list(every)
    return random.Random(seed).sample(them, min(count, len(them))) if count else them  # noqa: S311


def _told(what: object, wrong: Sequence[str]) -> int:
    for each in wrong:
        print(f"{what}: {each}", file=sys.stderr)
    return len(wrong) > 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=40)
    parser.add_argument("--points", type=int, default=40)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, memory_world(Path(folder)) as world:
        case = make_case(world, "stale-record")
        rows = [
            fault_row(world, case, given.cells, given.seed),
            crash_row(world, case, given.points, given.seed),
            random_row(world, case, given.runs, given.seed),
        ]
    print("| what | cases | result | problems |\n| --- | --- | --- | --- |")
    for what, count, result, bad in rows:
        print(f"| {what} | {count} | {result} | {bad} |")
    sys.exit(any(bad for *_, bad in rows))


if __name__ == "__main__":
    main()
