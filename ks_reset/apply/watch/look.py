"""A look: what the guards rest on besides the object itself, read once for all writes of the next second.

A look is of one cluster: the namespaces, the seatbelt, the run lock, and the types that an action asks for. The age
counts from the end of the reading. A look that fails is no look: it raises, and nothing is sent.
"""

import time
from collections.abc import Iterable

from msgspec import Struct, structs

from ks_reset.guards import GuardContext
from ks_reset.model import ClusterFacts, Obj

LOOK_SECONDS = 1.0
"""How old a look may be when a request that rests on it is sent."""


class Look(Struct, frozen=True):
    """The facts of a step with `keys` read again until `taken`, by our own monotonic clock; `step` are those facts.

    `contexts` are for the guards, by the controllers that were started again.
    """

    step: ClusterFacts
    keys: frozenset[str]
    contexts: dict[tuple[str, ...], GuardContext]
    taken: float

    def serves(self, step: ClusterFacts, keys: Iterable[str], age: float) -> bool:
        """Whether it has read these types on the same facts of the step, less than `age` seconds ago."""
        return self.step is step and self.keys.issuperset(keys) and time.monotonic() - self.taken < age

    def context_with(self, restarted: tuple[str, ...]) -> GuardContext:
        """The facts for the guards: the very same object while nothing is another."""
        if restarted not in self.contexts:
            self.contexts[restarted] = structs.replace(self.contexts[()], restarted=restarted)
        return self.contexts[restarted]


def take_look(before: Look | None, step: ClusterFacts, keys: frozenset[str], now: GuardContext) -> Look:
    """The look of this moment, for guards that are to be asked with `now`.

    Where it equals the one before, it has the contexts of that one: a guard asked with them need not be asked again,
    and what was computed of their facts is kept.
    """
    same = before and before.step is step and before.keys == keys and _equal(before.contexts[()], now)
    return Look(step, keys, before.contexts if before and same else {(): now}, time.monotonic())


def _equal(before: GuardContext, now: GuardContext) -> bool:
    """Whether two contexts of one run on facts of one step are the same; the types not read again are."""
    about = [(each.identity, each.seatbelt_on, each.holder) for each in (before, now)]
    lists = before.world.objects.keys() | now.world.objects.keys()
    return about[0] == about[1] and all(_same_list(before.world.of(key), now.world.of(key)) for key in lists)


def _same_list(before: tuple[Obj, ...], now: tuple[Obj, ...]) -> bool:
    return before is now or [obj.body for obj in before] == [obj.body for obj in now]
