"""What a step is: a name, why it exists, what must have been done before it, and what it does to given facts.

A step yields actions from facts; yielding nothing is idempotence. Most steps remove objects: they say which, and
the DELETE actions follow. Other steps say their actions themselves.
"""

from collections.abc import Callable, Iterable

from msgspec import Struct

from ks_reset.model import Action, Facts, Kept, Obj, Options, World


class Ground(Struct, frozen=True):
    """What a step works on: the facts, the options, the UIDs that some step of the playbook removes, and its name."""

    facts: Facts
    options: Options
    doomed: frozenset[str] = frozenset()
    playbook: str = ""

    def goes(self, obj: Obj, world: World) -> bool:
        """Whether a step of the playbook removes the object, or the namespace it is in."""
        home = world.get("Namespace", obj.namespace)
        return obj.uid in self.doomed or (home is not None and home.uid in self.doomed)


class Removal(Struct, frozen=True):
    """An object to delete, and the proof that it is KubeSphere's; `along` is the UID of the one that it goes with."""

    obj: Obj
    why: str
    along: str = ""


class Step(Struct, frozen=True):
    """`after` names steps that every playbook must hold before this one. One of `removes`, `actions` is given."""

    name: str
    why: str
    after: tuple[str, ...] = ()
    removes: Callable[[World, Ground], Iterable[Removal | Kept]] | None = None
    actions: Callable[[Ground], Iterable[Action | Kept]] | None = None
