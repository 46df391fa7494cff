"""The fault matrix: one fault at one class of request, of one command; then the same command without it."""

from collections.abc import Callable, Iterator
from itertools import product

from msgspec import Struct

from ks_reset.errors import Exit
from tests.faults.crash import Case, problems
from tests.faults.fake_server import FAULTS
from tests.faults.world import HASTY, Ended, World

CLASSES = (
    *("discovery", "list", "get", "lease", "access review", "dry run"),
    *("create", "patch", "replace", "delete"),
)
READING = ("discovery", "list", "get", "lease")
"""The classes of commands that write nothing."""
ONCE, ALWAYS = 1, 1_000_000
MANY_TIMES = 8
"""How often the same command may be needed while three of ten requests fail."""
DOCUMENTED = {int(code) for code in Exit} - {Exit.ERROR, Exit.USAGE, Exit.INTERRUPTED}


class Cell(Struct, frozen=True):
    """A command, a class of its requests, a fault, and whether it strikes once or always."""

    command: str
    request_class: str
    fault: str
    times: int


def cells(*commands: str) -> Iterator[Cell]:
    """The whole matrix."""
    for command in commands:
        classes = CLASSES if command == "apply" else READING
        for request_class, fault, times in product(classes, FAULTS, (ONCE, ALWAYS)):
            yield Cell(command, request_class, fault, times)


def words_of(command: str, case: Case) -> tuple[str, ...]:
    """The command line."""
    if command == "apply":
        return ("apply", case.plan, *HASTY)
    return ("plan", case.playbook) if command == "plan" else (command,)


class Outcome(Struct, frozen=True):
    """Exit code under the fault, how many requests it struck, and what is wrong."""

    code: int
    struck: int
    wrong: tuple[str, ...]


def strike(world: World, case: Case, cell: Cell) -> Outcome:
    """Run the command with the fault, and again without it."""
    world.begin_again()
    world.trouble.strike(cell.fault, cell.request_class, cell.times)
    words = words_of(cell.command, case)
    first = world.run(*words, *(() if cell.command == "apply" else ("--request-timeout", "1")))
    struck = world.trouble.struck.total()
    world.trouble.clear()
    return Outcome(first.code, struck, tuple(_wrong(world, case, cell, words, first)))


def _wrong(world: World, case: Case, cell: Cell, words: tuple[str, ...], first: Ended) -> list[str]:
    found = _undocumented(first)
    if cell.command == "apply":
        ends = [first] if first.code == 0 else [first, world.run(*words)]
        return found + problems(world, case, ends)
    if world.trouble.written:
        found.append("a command that only reads has written")
    return found + [f"lost {each}" for each in world.lost()]


def shake(world: World, case: Case, share: float, seed: int) -> Outcome:
    """Apply while this share of all requests fails at random, often enough; the last time without a fault."""
    world.begin_again()
    world.trouble.strike_at_random(share, seed)
    ends = [world.run(*words_of("apply", case))]
    while ends[-1].code and len(ends) < MANY_TIMES:
        ends.append(world.run(*words_of("apply", case)))
    struck = world.trouble.struck.total()
    world.trouble.clear()
    code = ends[-1].code
    ends.append(world.run(*words_of("apply", case)))
    wrong = [problem for ended in ends for problem in _undocumented(ended)]
    return Outcome(code, struck, tuple(wrong + problems(world, case, ends)))


def _undocumented(ended: Ended) -> list[str]:
    known = ended.code in DOCUMENTED
    return [] if known else [f"exit {ended.code}, which is not documented for this: {ended.said[-500:]}"]


Strike = Callable[[World, Case, Cell], Outcome]
