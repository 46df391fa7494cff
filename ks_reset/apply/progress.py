"""What a run tells the user interface while it works."""

from collections.abc import Callable

from msgspec import Struct


class StepBegun(Struct, frozen=True):
    """A step that begins: `number` of `of` in the plan, with so many `actions` remaining.

    `watched` is how many namespaces of users are watched: the run stops if one of them is deleted.
    """

    step: str
    why: str
    actions: int
    number: int
    of: int
    watched: int = 0


def _ignore(_: int) -> None:
    """No display of ended actions."""


class Progress(Struct, frozen=True):
    """Callbacks for progress, called from several threads.

    `begin(step)` and `done(step name, writes by cluster)` frame a step. `beat(text, cluster)` is called during it, with
    "" as cluster for all, and `ended(count)` when so many of its actions have ended. `left(member, why)` is called when
    a member is left behind. `call` is what was typed to start the run, "" if unknown; the journal keeps it.
    """

    begin: Callable[[StepBegun], None]
    beat: Callable[[str, str], None]
    done: Callable[[str, dict[str, int]], None]
    left: Callable[[str, str], None]
    call: str = ""
    ended: Callable[[int], None] = _ignore
