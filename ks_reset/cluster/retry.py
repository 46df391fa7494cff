"""Waiting, in one place: try again after a temporary failure, and poll until something is so."""

from collections.abc import Callable
from typing import TypeVar

from tenacity import (
    RetryCallState,
    RetryError,
    Retrying,
    retry_if_exception_type,
    retry_if_result,
    stop_after_delay,
    wait_exponential,
    wait_random_exponential,
)

from ks_reset.errors import Retry

T = TypeVar("T")
_backoff = wait_random_exponential(multiplier=0.2, max=5)


def patiently(call: Callable[[], T], seconds: float) -> T:
    """Call again after every Retry for up to `seconds`, heeding Retry-After in that time; then raise the last."""
    stop = stop_after_delay(seconds)

    def wait(state: RetryCallState) -> float:
        return min(_wait(state), max(0.0, seconds - (state.seconds_since_start or 0.0)))

    return Retrying(retry=retry_if_exception_type(Retry), stop=stop, wait=wait, reraise=True)(call)


def until(check: Callable[[], bool], seconds: float) -> bool:
    """Poll, at first every 0.05 s and then up to every 2 s, until `check` holds; False if it never did."""
    wait = wait_exponential(multiplier=0.05, max=2)
    try:
        return Retrying(retry=retry_if_result(lambda ok: not ok), stop=stop_after_delay(seconds), wait=wait)(check)
    except RetryError:
        return False


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.after if isinstance(error, Retry) else 0.0
    return max(asked, _backoff(state))
