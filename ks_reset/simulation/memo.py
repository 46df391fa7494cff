"""Results of functions of a state, kept for later states until an object they were computed from changes."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

Memo = dict[tuple[Any, ...], tuple[frozenset[str], Any]]
"""Results by function and arguments, each with the types it was computed from."""
ALIVE = "running controllers"
"""Stands for `State.alive` among these types."""


class HasMemo(Protocol):
    """A state."""

    memo: Memo


P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S", bound=HasMemo)


def remembered(*about: str) -> Callable[[Callable[Concatenate[S, P], T]], Callable[Concatenate[S, P], T]]:
    """Remember the results of a function of a state and of hashable arguments.

    `about` names all that the function looks at in the state, besides its facts: types by `Kind.key`, and ALIVE.
    """
    types = frozenset(about)

    def decorate(compute: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
        @wraps(compute)
        def recall(state: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
            key = (compute, *args, *kwargs.values())
            if key not in state.memo:
                state.memo[key] = types, compute(state, *args, **kwargs)
            result: T = state.memo[key][1]
            return result

        return recall

    return decorate


def memo_without(memo: Memo, touched: set[str]) -> Memo:
    """The results that were not computed from these types. Another thread may add some meanwhile."""
    return {key: entry for key, entry in tuple(memo.items()) if entry[0].isdisjoint(touched)}
