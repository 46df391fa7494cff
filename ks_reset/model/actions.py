"""The verbs of actions, and what a verb takes off or puts on."""

from enum import StrEnum

from msgspec import Struct

from ks_reset.model.objects import Body, Owner


class Verb(StrEnum):
    """What an action does. SCALE, STRIP, DELETE, MARK, CREATE and INSTALL write; the others only read and wait.

    INSTALL has helm put a chart on. READY is for what has to work: a Deployment, or a Cluster that has to lead where
    it should. STEADY is for any object: it has to be there, and to stay the same one. FASTEN and LOOSEN put the
    seatbelt on and take it off: work on objects of ks-reset's own, none of anybody else's.
    """

    SCALE = "scale"
    STRIP = "strip"
    DELETE = "delete"
    MARK = "mark"
    CREATE = "create"
    INSTALL = "install"
    QUIET = "quiet"
    WATCH = "watch"
    READY = "ready"
    STEADY = "steady"
    FASTEN = "fasten"
    LOOSEN = "loosen"


class Marks(Struct, frozen=True):
    """What a STRIP takes off: entries by exact key, owners by group, kind and name."""

    labels: tuple[str, ...] = ()
    annotations: tuple[str, ...] = ()
    finalizers: tuple[str, ...] = ()
    owners: tuple[Owner, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.labels or self.annotations or self.finalizers or self.owners)


class Gift(Struct, frozen=True):
    """What a MARK puts on: labels and annotations with their values, finalizers, whole ownerReferences."""

    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    finalizers: tuple[str, ...] = ()
    owners: tuple[Body, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.labels or self.annotations or self.finalizers or self.owners)
