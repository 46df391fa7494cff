"""What is known of the fleet at one moment, and what is not."""

from collections.abc import Iterator
from enum import StrEnum
from functools import cached_property

from msgspec import Struct

from ks_reset.model.objects import Kind, Obj


class Gap(Struct, frozen=True):
    """Something that could not be read: neither present nor absent."""

    what: str
    why: str


class Reach(StrEnum):
    """How the dial of a record ended."""

    REACHED = "reached"
    UNREACHABLE = "unreachable"
    REFUSED = "credentials refused"
    NO_SECRET = "no secret"  # noqa: S105
    NOT_DIALLED = "not dialled"


class Dial(Struct, frozen=True):
    """What answered at the address of a KubeFedCluster, by the record's own credentials.

    `identity` is the UID of kube-system behind it, empty unless `reach` is REACHED; `ca` is the SHA-256 of the
    record's CA bundle.
    """

    record: str
    namespace: str
    endpoint: str
    ca: str
    reach: Reach
    identity: str = ""
    detail: str = ""


class World(Struct, frozen=True, dict=True):
    """The facts of one cluster at one moment.

    `identity` is the UID of its kube-system namespace; `name` is what the operator calls it; `objects` holds every
    object by `Kind.key`; what is in `gaps` is unknown.
    """

    identity: str
    name: str
    context: str
    endpoint: str
    version: str
    kinds: dict[str, Kind]
    objects: dict[str, tuple[Obj, ...]]
    gaps: tuple[Gap, ...] = ()
    dials: tuple[Dial, ...] = ()

    def of(self, key: str) -> tuple[Obj, ...]:
        """All objects of a type, by `Kind.key`; empty where the type is not served."""
        return self.objects.get(key, ())

    def all(self) -> Iterator[Obj]:
        for objs in self.objects.values():
            yield from objs

    def get(self, key: str, name: str, namespace: str = "") -> Obj | None:
        return self._index.get((key, namespace, name))

    @cached_property
    def dependents(self) -> dict[str, list[Obj]]:
        """The objects that name an owner, by the owner's UID."""
        found: dict[str, list[Obj]] = {}
        for obj in self.all():
            for owner in obj.owners:
                found.setdefault(owner.uid, []).append(obj)
        return found

    @cached_property
    def _index(self) -> dict[tuple[str, str, str], Obj]:
        return {(o.kind.key, o.namespace, o.name): o for o in self.all()}


class Facts(Struct, frozen=True, dict=True):
    """The facts of the fleet: the host, where kubefed's control plane runs, and its members.

    `dialled` is false where the facts come from a snapshot that did not dial the records.
    """

    tool: str
    taken: str
    host: World
    members: tuple[World, ...] = ()

    @property
    def worlds(self) -> tuple[World, ...]:
        """Members first: a member is cleaned before its host."""
        return (*self.members, self.host)

    def world(self, identity: str) -> World | None:
        return next((w for w in self.worlds if w.identity == identity), None)
