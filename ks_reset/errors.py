"""What can go wrong, in two families: temporary (`Retry`) and permanent, each with the exit code of the command line.

A message is made of sentences in this order: the refusal, up to a colon; the observation; its consequence, such as
`Nothing was sent.`; and the way on, beginning with a verb or a command. `report/refusals.py` shows them in parts.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from enum import IntEnum
from typing import NamedTuple, TypeVar


class Exit(IntEnum):
    """Exit codes of every command; a script may rely on them.

    ERROR: this machine failed, as with a full disk, or ks-reset has a defect. A command ends, once its pipe is closed,
    by the signal SIGPIPE, as kubectl does: a shell says 141.
    """

    OK = 0
    ERROR = 1
    USAGE = 2
    PENDING = 3
    REFUSED = 4
    UNKNOWN = 5
    STALE = 6
    RESUMABLE = 7
    INTERRUPTED = 130


class Reason(NamedTuple):
    """One of the reasons of an error: a title, lines of observations, their consequence, and the way on."""

    title: str
    seen: tuple[str, ...]
    follows: str
    way_on: str


class Told(NamedTuple):
    """The reasons of an error one by one, as its message tells them: under `head`, and `then` what to do in the end."""

    head: str
    reasons: tuple[Reason, ...]
    then: str = ""


class ResetError(Exception):
    """Base of all errors that ks-reset raises on purpose. `told` has the reasons of an error with several.

    The command line adds the call with each of the `corrections` to the message.
    """

    exit = Exit.ERROR
    told: Told | None = None
    corrections: tuple["Correction", ...] = ()


E = TypeVar("E", bound=ResetError)


def error_of(family: type[E], reason: Reason) -> E:
    """An error of this family with one reason: its parts are given, and not found in its message."""
    seen = f": {'; '.join(reason.seen)}" if reason.seen else ""
    error = family(" ".join(filter(None, (f"{reason.title}{seen}.", reason.follows, reason.way_on))))
    error.told = Told("", (reason,))
    return error


class Correction(NamedTuple):
    """A change to the words of the call: `given` becomes `then`; "" as `given` adds `then`, "" as `then` leaves out.

    Each is a flag with its value, or a value alone. `then` may also be `KS_RESET_…=VALUE`, for the environment.
    """

    given: str
    then: str


SAME_CALL = Correction("", "")
"""The call is right: it is typed again once the file or the folder that it names is."""
FILE, NAME = "FILE", "NAME"
"""In a corrected call, for a file or a name that the person chooses."""
FEW = 3


def corrected_to(known: Iterable[str], given: str, flag: str = "") -> tuple[Correction, ...]:
    """The nearest known value in place of the given one, of few known values each; else NAME stands for one of them."""
    values = sorted(known)
    chosen = get_close_matches(given, values, 1) or (values if len(values) <= FEW else [NAME])
    lead = f"{flag} " if flag else ""
    return tuple(Correction(f"{lead}{given}", f"{lead}{value}") for value in chosen)


def other_file(path: object) -> Correction:
    """Another file in the place of this one."""
    return Correction(str(path), FILE)


def left_out(*flags: str) -> tuple[Correction, ...]:
    """Each of these flags, with its value, is left out."""
    return tuple(Correction(flag, "") for flag in flags)


class Usage(ResetError):
    """The command line, a file or a playbook says something that cannot be meant."""

    exit = Exit.USAGE

    def __init__(self, message: str = "", *corrections: Correction) -> None:
        super().__init__(message)
        self.corrections = corrections


class Absent(Usage):
    """The value of a flag names something that no cluster has; the commands in the message leave it out."""

    def __init__(self, message: str, flag: str, value: str) -> None:
        super().__init__(message)
        self.flag, self.value = flag, value


class UnknownName(Usage):
    """A word of the call names something that does not exist; `nearest` is the closest known name, "" for none."""

    def __init__(self, message: str, given: str, known: Iterable[str]) -> None:
        names = list(known)
        super().__init__(message, *corrected_to(names, given))
        self.given, self.nearest = given, next(iter(get_close_matches(given, names, 1)), "")


class Refused(ResetError):
    """A guard, a finding or the API server said no.

    The message says how much was sent: mostly nothing. StabilityLost is raised after writes of the run.
    """

    exit = Exit.REFUSED


class Invalid(Refused):
    """422: the object does not pass the validation of its type, with any request."""


LOOK = "ks-reset doctor names the cause and the way on."
"""The way on from what could not be read."""


class Unknown(ResetError):
    """Something could not be read, so it is neither present nor absent."""

    exit = Exit.UNKNOWN


class Forbidden(Unknown):
    """The API server answered 401 or 403: what lies behind it stays unknown."""


class Denied(Forbidden):
    """The API server answered 403 for another reason than a missing permission: an admission plugin, a quota."""


class Stale(ResetError):
    """The plan no longer fits the clusters, or is not the plan that was approved."""

    exit = Exit.STALE


class Stopped(ResetError):
    """The run stopped half-way in good order; the same command continues it."""

    exit = Exit.RESUMABLE


class Retry(ResetError):
    """A temporary failure: 429, 5xx, a conflict, a cut connection. `after` is the server's Retry-After in seconds."""

    exit = Exit.RESUMABLE

    def __init__(self, message: str, after: float = 0.0) -> None:
        super().__init__(message)
        self.after = after


class Conflict(Retry):
    """409: the object changed between reading and writing; read it again."""
