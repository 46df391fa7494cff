"""Real clusters watched until their controllers come to rest."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

from msgspec import Struct

from ks_reset import facts as reading
from ks_reset.cluster import Client
from ks_reset.facts import Clients
from ks_reset.model import Body, FleetFacts

QUIET, WORKERS = 14.0, 8
MARKS = ("uid", "deletionTimestamp", "finalizers", "labels", "ownerReferences")

Lister = Callable[[], list[Body]]


class RealFleet(Struct):
    """Clients of real clusters by name, and those to read them; `LONGEST` is the time-out of `quiescent` in seconds."""

    LONGEST: ClassVar[float] = 150.0

    clusters: dict[str, Client]
    fleet: Clients

    def listers(self) -> Iterable[Lister]:
        """The lists, with metadata alone, in which a change shows that the controllers still work."""
        raise NotImplementedError

    def facts(self) -> FleetFacts:
        return reading.read_fleet(self.fleet)

    def quiescent(self, ours: Callable[[str], bool], longest: float = 0.0) -> FleetFacts:
        """The facts after the slowest controller's interval without changes, or after the time-out.

        `ours` says of the name of a namespace, or of an object without one, whether its changes count.
        """
        last, since, begun = self._marks(ours), time.monotonic(), time.monotonic()
        while time.monotonic() - since < QUIET and time.monotonic() - begun < (longest or self.LONGEST):
            time.sleep(1.5)
            now = self._marks(ours)
            if now != last:
                last, since = now, time.monotonic()
        return self.facts()

    def _marks(self, ours: Callable[[str], bool]) -> set[tuple[str, ...]]:
        with ThreadPoolExecutor(WORKERS) as pool:
            lists = list(pool.map(lambda lister: lister(), self.listers()))
        return {
            tuple(str(meta.get(mark)) for mark in MARKS)
            for found in lists
            for meta in (body["metadata"] for body in found)
            if ours(meta.get("namespace") or meta["name"])
        }
