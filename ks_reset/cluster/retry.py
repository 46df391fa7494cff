"""All waiting: repeat a call after a temporary failure, and poll until a condition holds."""

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


def retry_patiently(call: Callable[[], T], seconds: float) -> T:
    """Repeat a call after every Retry for up to `seconds`, honouring Retry-After within them; then raise the last."""
    stop = stop_after_delay(seconds)

    def bounded_delay(state: RetryCallState) -> float:
        return min(_retry_delay(state), max(0.0, seconds - (state.seconds_since_start or 0.0)))

    return Retrying(retry=retry_if_exception_type(Retry), stop=stop, wait=bounded_delay, reraise=True)(call)


def until(check: Callable[[], bool], seconds: float) -> bool:
    """Poll `check`, first every 0.05 s, later every 2 s, until it holds; False if it did not within `seconds`."""
    wait = wait_exponential(multiplier=0.05, max=2)
    try:
        return Retrying(retry=retry_if_result(lambda ok: not ok), stop=stop_after_delay(seconds), wait=wait)(check)
    except RetryError:
        return False


def _retry_delay(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.after if isinstance(error, Retry) else 0.0
    return max(asked, _backoff(state))
