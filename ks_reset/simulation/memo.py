"""Results of functions of a state, kept for later states until an object they were computed from changes."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

Results = dict[tuple[Any, ...], Any]
"""Results by function and arguments."""
Memo = dict[frozenset[str], Results]
"""Results by the types they were computed from: what a change leaves valid is found without a look at each result.

States share the results of types that are alike in them.
"""
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
            results = state.memo.setdefault(types, {})
            if key not in results:
                results[key] = compute(state, *args, **kwargs)
            result: T = results[key]
            return result

        return recall

    return decorate


def memo_without(memo: Memo, touched: set[str]) -> Memo:
    """The results that were not computed from these types. Another thread may add some meanwhile."""
    return {types: results for types, results in tuple(memo.items()) if types.isdisjoint(touched)}
