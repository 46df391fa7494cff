"""How many writes one cluster gets at once: more while it answers quickly, half as many under pressure (AIMD).

Pressure is an answer 429 or 5xx, no answer, or one that takes far longer than the quickest: an API server with priority
and fairness queues requests before it rejects them (Kubernetes v1.24.17,
staging/src/k8s.io/apiserver/pkg/util/flowcontrol). A Retry-After is waited for by all writes of the cluster.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition
from typing import TypeVar

from ks_reset.errors import Conflict, Retry

SLOW_TIMES, SLOW_SECONDS = 8.0, 0.5
"""An answer is slow if it takes so many times the quickest, and at least so many seconds."""
TICK = 0.2
"""Seconds after which a write that waits for a place looks whether the run is halted."""
T = TypeVar("T")


class Window:
    """The writes in flight on one cluster, between 1 and `most` at once. Thread-safe."""

    def __init__(self, most: int) -> None:
        self._most, self.limit = most, float(most)
        self._free = Condition()
        self._flying = 0
        self._quickest = float("inf")
        self._not_before = self._halved = float("-inf")

    @contextmanager
    def one_place(self, halted: Callable[[], bool]) -> Iterator[None]:
        """A place for one write; waits for it and for the end of a Retry-After, unless the run is halted meanwhile."""
        with self._free:
            while not halted() and ((pause := self._pause()) > 0 or self._flying >= max(1, int(self.limit))):
                self._free.wait(min(pause, TICK) if pause > 0 else TICK)
            self._flying += 1
        try:
            yield
        finally:
            with self._free:
                self._flying -= 1
                self._free.notify()

    def send(self, call: Callable[[], T]) -> T:
        """Make a call, and learn from its time and its error how many may be made at once."""
        begun = time.monotonic()
        try:
            result = call()
        except Conflict:
            self._learn(begun)
            raise
        except Retry as error:
            self._press(begun, error.after)
            raise
        self._learn(begun)
        return result

    def _pause(self) -> float:
        return self._not_before - time.monotonic()

    def _learn(self, begun: float) -> None:
        took = time.monotonic() - begun
        with self._free:
            self._quickest = min(self._quickest, took)
            if took > max(SLOW_SECONDS, SLOW_TIMES * self._quickest):
                self._press(begun)
            else:
                self.limit = min(float(self._most), self.limit + 1 / self.limit)

    def _press(self, begun: float, after: float = 0.0) -> None:
        """Halve the limit, once for all the writes that were in flight together."""
        with self._free:
            now = time.monotonic()
            self._not_before = max(self._not_before, now + after)
            if begun >= self._halved:
                self.limit, self._halved = max(1.0, self.limit / 2), now
