"""The figures of the fault and crash matrices, against the fake API server of `tests/faults`.

    python -m bench.faults [--playbook stale-record] [--cells 40] [--points 40] [--runs 3] [--seed 1]

Cells of the fault matrix are a random sample, points of the crash matrix evenly spread; -1 takes all, 0 none. Prints a
row of a table in Markdown once it is done, and each case with what is not right on stderr; the exit code is then 1.
"""

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.faults.crash import KILLED, Case, case_of, kill_and_continue, problems, sample_of
from tests.faults.matrix import WORDS, cells, shake, strike
from tests.faults.world import World, memory_world

SHARE = 0.3
Row = tuple[str, int, str, int]
"""What was done, how often, what came of it, and how many of them were not right."""


def fault_row(world: World, case: Case, command: str, count: int, seed: int) -> Row:
    """Cells of the fault matrix of a command; one that struck no request is not right."""
    every = list(cells(case, command))
    mine = every if count < 0 else random.Random(seed).sample(every, min(count, len(every)))  # noqa: S311
    codes, bad, struck = Counter[int](), 0, 0
    for cell in mine:
        outcome = strike(world, case, cell)
        struck += outcome.struck
        bad += _tell(cell, outcome.wrong if outcome.struck else ("no such request", *outcome.wrong))
        codes[outcome.code] += 1
    ended = ", ".join(f"exit {code}: {often}" for code, often in sorted(codes.items()) if often)
    return f"{command}, one fault at one class of request", codes.total(), f"{struck} faults; {ended}", bad


def crash_row(world: World, case: Case, count: int) -> Row:
    """Points of the crash matrix."""
    every = list(case.points)
    mine, killed, bad = every if count < 0 else sample_of(case, count), 0, 0
    for point in mine:
        ends = kill_and_continue(world, case, point)
        killed += ends[0].code == KILLED
        bad += _tell(point, problems(world, case, ends))
    return (
        f"{case.playbook}, kill -9 at one of {len(every)} points, then the same command",
        len(mine),
        f"{killed} killed",
        bad,
    )


def random_row(world: World, case: Case, runs: int, seed: int) -> Row:
    """Whole runs with three of ten requests failing."""
    outcomes = [shake(world, case, SHARE, seed + turn) for turn in range(runs)]
    bad = sum(_tell(f"seed {seed + turn}", outcome.wrong) for turn, outcome in enumerate(outcomes))
    struck = sum(outcome.struck for outcome in outcomes)
    return f"{case.playbook}, three of ten requests fail at random", runs, f"{struck} faults", bad


def _tell(what: object, wrong: Sequence[str]) -> int:
    print(what, *(wrong or ["right"]), sep="\n  ", file=sys.stderr, flush=True)
    return len(wrong) > 0


def _rows(world: World, given: argparse.Namespace) -> Iterator[Row]:
    case = case_of(world, given.playbook)
    if given.points:
        yield crash_row(world, case, given.points)
    if given.cells:
        for command in ("apply", *(WORDS if given.playbook == "stale-record" else ())):
            yield fault_row(world, case, command, given.cells, given.seed)
    if given.runs:
        yield random_row(world, case, given.runs, given.seed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--playbook", default="stale-record", choices=["stale-record", "uninstall", "restore"])
    parser.add_argument("--cells", type=int, default=40)
    parser.add_argument("--points", type=int, default=40)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    given, wrong = parser.parse_args(), 0
    print("| what | cases | result | not right |\n| --- | --- | --- | --- |", flush=True)
    with tempfile.TemporaryDirectory() as folder, memory_world(Path(folder)) as world:
        for what, count, result, bad in _rows(world, given):
            print(f"| {what} | {count} | {result} | {bad} |", flush=True)
            wrong += bad
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
