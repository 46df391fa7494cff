"""The fault matrix: one fault at one class of request, of one command; then the same command without it."""

import json
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

from msgspec import Struct

from ks_reset.errors import Exit
from tests.commands import has_way_on
from tests.docs.pages import ROOT
from tests.faults.crash import Case, problems
from tests.faults.fake_server import FAULTS
from tests.faults.world import HASTY, Ended, Hook, World

READING = ("discovery", "list", "get", "lease")
"""The classes of commands that write nothing."""
ONCE, ALWAYS = 1, 1_000_000
MANY_TIMES = 8
"""How often the same command may be needed while three of ten requests fail."""
PLAN_AGAIN = "again.json"
WORDS = {
    "doctor": ("doctor", "-o", "name", "--request-timeout", "1"),
    "plan": ("plan", "stale-record", "--out", PLAN_AGAIN, "--request-timeout", "1"),
    "verify": ("verify", "-o", "name", "--request-timeout", "1"),
}


class Cell(Struct, frozen=True):
    """A command, a class of its requests, a fault, and whether it strikes once or always."""

    command: str
    request_class: str
    fault: str
    times: int


def cells(case: Case, command: str) -> Iterator[Cell]:
    """The whole matrix of a command: every class of request that it sends, every fault, once and always."""
    classes = case.classes if command == "apply" else READING
    for request_class, fault, times in product(classes, FAULTS, (ONCE, ALWAYS)):
        yield Cell(command, request_class, fault, times)


class Outcome(Struct, frozen=True):
    """Exit code under the fault, how many requests it struck, and what is wrong."""

    code: int
    struck: int
    wrong: tuple[str, ...]


def strike(world: World, case: Case, cell: Cell, sabotage: Hook = lambda: None) -> Outcome:
    """Run the command with the fault, and without what `sabotage` takes; `apply` again without the fault."""
    usual = None if cell.command == "apply" else _usual(world, cell.command)
    world.begin_again()
    world.trouble.strike(cell.fault, cell.request_class, cell.times)
    words = ("apply", case.plan, *HASTY) if cell.command == "apply" else WORDS[cell.command]
    first = world.run(*words, hook=sabotage)
    struck = world.trouble.struck.total()
    world.trouble.clear()
    if usual:
        wrong = [*_undocumented(cell.command, first), *_untrue(world, case, cell.command, first, usual)]
    else:
        wrong = _wrong_runs(world, case, [first] if first.code == 0 else [first, world.run(*words)])
    return Outcome(first.code, struck, tuple(wrong))


def shake(world: World, case: Case, share: float, seed: int) -> Outcome:
    """Apply while this share of all requests fails at random, often enough; the last time without a fault."""
    world.begin_again()
    world.trouble.strike_at_random(share, seed)
    words = ("apply", case.plan, *HASTY)
    ends = [world.run(*words)]
    while ends[-1].code and len(ends) < MANY_TIMES:
        ends.append(world.run(*words))
    struck = world.trouble.struck.total()
    world.trouble.clear()
    code = ends[-1].code
    return Outcome(code, struck, tuple(_wrong_runs(world, case, [*ends, world.run(*words)])))


def documented_codes(command: str) -> set[int]:
    """The exit codes in the row of the command in docs/reference.md."""
    rows = [line for line in (ROOT / "docs" / "reference.md").read_text().splitlines() if line.startswith("|")]
    row = next(line for line in rows if line.startswith((f"| `{command} ", f"| `{command}`")))
    codes = re.sub(r"\(.*?\)|`.*?`", "", row.rstrip("| ").rpartition("| ")[2])
    return {int(code) for code in re.findall(r"\b\d+\b", codes)}


def _usual(world: World, command: str) -> Ended:
    """What the command answers in the beginning, without a fault."""
    if command not in world.usual:
        world.begin_again()
        world.usual[command] = world.run(*WORDS[command])
    return world.usual[command]


def _wrong_runs(world: World, case: Case, ends: list[Ended]) -> list[str]:
    return [each for ended in ends for each in _undocumented("apply", ended)] + problems(world, case, ends)


def _undocumented(command: str, ended: Ended) -> list[str]:
    """An exit code that is not documented, not so for this moment, or without a way on."""
    found = []
    if ended.code not in documented_codes(command):
        found.append(f"exit {ended.code}, which is not documented for this: {ended.said[-500:]}")
    if command == "apply" and ended.code == Exit.UNKNOWN and ended.writes:
        found.append(f"exit 5 after {ended.writes} writes: {ended.said[-500:]}")
    if command == "apply" and ended.code and not has_way_on(ended.said):
        found.append(f"exit {ended.code} without a way on: {ended.said[-500:]}")
    return found


def _untrue(world: World, case: Case, command: str, ended: Ended, usual: Ended) -> list[str]:
    """An answer that claims to be complete and is not as without the fault; losses and writes."""
    found = [f"lost {each}" for each in world.lost()] + list(ended.bad)
    if world.trouble.written:
        found.append("a command that only reads has written")
    if command == "plan" and ended.code == 0:
        usual_plan, plan = (_content(world.folder / name) for name in (case.plan, PLAN_AGAIN))
        found += ["another plan than without the fault"] if plan != usual_plan else []
    elif command != "plan" and ended.code in (Exit.OK, Exit.PENDING):
        missing = set(usual.out.splitlines()) - set(ended.out.splitlines())
        found += [f"exit {ended.code} without {sorted(missing)}"] if missing or ended.code < usual.code else []
    return found


def _content(file: Path) -> dict[str, Any]:
    """What a plan file says, without the time at which it was made, and the digest, which covers the time."""
    plan = json.loads(file.read_bytes())
    return {key: value for key, value in plan.items() if key not in ("made", "digest")}
