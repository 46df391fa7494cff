"""The worst of several errors is raised, with the others in its text.

The order is by what follows: after the loss of a watched object the fallback must run, after a refusal or an error of
ks-reset itself somebody must look, an unknown answer or a time-out is left to the next run.
"""

from collections.abc import Iterable

from ks_reset.apply.watch.objects import StabilityLost
from ks_reset.errors import Denied, Forbidden, Refused, Retry, Stale, Stopped, Unknown, Usage


class Halted(Stopped):
    """Raised in a lane when another one has stopped the run; it tells nothing of its own."""


ORDER: tuple[type[BaseException], ...] = (
    StabilityLost,
    KeyboardInterrupt,
    Refused,
    Stale,
    Usage,
    Denied,
    Forbidden,
    Unknown,
    Stopped,
    Retry,
)
"""From worst to mildest. An error of another class is one of ks-reset itself, and comes after StabilityLost."""
OTHERS = 1


def rank_of(error: BaseException) -> int:
    """The place of an error in ORDER: the lower, the worse."""
    if isinstance(error, Halted):
        return len(ORDER)
    return next((place for place, family in enumerate(ORDER) if isinstance(error, family)), OTHERS)


def worst_of(errors: Iterable[BaseException]) -> BaseException | None:
    """The worst error, the first one among equals; its text tells each of the others. None without errors."""
    ranked = sorted(errors, key=rank_of)
    if not ranked:
        return None
    worst, *others = ranked
    told = list(dict.fromkeys(_text_of(other) for other in others if not isinstance(other, Halted)))
    if told := [text for text in told if text not in str(worst)]:
        worst.args = (f"{worst} At the same time: {' '.join(told)}", *worst.args[1:])
    return worst


def raise_worst(errors: Iterable[BaseException]) -> None:
    """Raise the worst error, if there is one."""
    if worst := worst_of(errors):
        raise worst


def _text_of(error: BaseException) -> str:
    text = str(error) or type(error).__name__
    return text if isinstance(error, ORDER) else f"{type(error).__name__}: {text}"
