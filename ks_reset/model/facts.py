"""The facts of the fleet at one moment, and the gaps in them."""

from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeVar

from msgspec import Struct, structs

from ks_reset.model.objects import Kind, Obj

V = TypeVar("V")
LIST_GAP, GROUP_GAP, DIAL_GAP = "list of ", "API group ", "dial of "
"""How `Gap.what` begins for the list of a resource, an API group with its version, and a record."""


class Gap(Struct, frozen=True):
    """An unread list or object: neither present nor absent. `what` begins as above, or names one object."""

    what: str
    why: str


class Reach(StrEnum):
    """The result of dialling a record."""

    REACHED = "reached"
    UNREACHABLE = "unreachable"
    REFUSED = "credentials refused"
    NO_SECRET = "no secret"  # noqa: S105
    NOT_DIALLED = "not dialled"


class Dial(Struct, frozen=True):
    """The answer at the address of a record, to the record's own credentials.

    `way` is the kind of the record, KubeFedCluster or Cluster. `identity` is the UID of kube-system behind it,
    `version` the version of that server; both are "" unless `reach` is REACHED. `recorded` is the UID in the record
    itself, "" for none. `ca` is the SHA-256 of the record's CA. `expires` is `<ISO date> <name>` of the certificate
    with the earliest end, `skew` the seconds by which that server's clock is ahead of ours. `account` is the name of
    the ServiceAccount, on that cluster, of the token in the record.
    """

    record: str
    namespace: str
    endpoint: str
    ca: str
    reach: Reach
    identity: str = ""
    detail: str = ""
    way: str = "KubeFedCluster"
    recorded: str = ""
    version: str = ""
    expires: str = ""
    skew: float = 0.0
    account: str = ""

    def but(self, **changes: Any) -> "Dial":
        """The same dial with these fields changed."""
        return structs.replace(self, **changes)


class ClusterFacts(Struct, frozen=True, dict=True):
    """The facts of one cluster at one moment.

    `identity` is the UID of its kube-system namespace, `name` the operator's name for it, `objects` every object by
    `Kind.key`; everything in `gaps` is unknown. `dials` are of its KubeFedClusters, `connections` of its Clusters.
    `skew` is the seconds by which its clock is ahead of ours. `jwt` is a keyed hash of KubeSphere's jwtSecret,
    comparable within one reading; "" if it has none.
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
    connections: tuple[Dial, ...] = ()
    skew: float = 0.0
    jwt: str = ""

    def of(self, key: str) -> tuple[Obj, ...]:
        """All objects of a type, by `Kind.key`; empty where the type is not served."""
        return self.objects.get(key, ())

    def all(self) -> Iterator[Obj]:
        for objs in self.objects.values():
            yield from objs

    def of_groups(self, wanted: Callable[[str], bool]) -> Iterator[Obj]:
        """All objects of the types in the wanted API groups."""
        return (obj for key, objs in self.objects.items() if wanted(key.partition(".")[2]) for obj in objs)

    def get(self, key: str, name: str, namespace: str = "") -> Obj | None:
        return self._index.get((key, namespace, name))

    def once(self, compute: "Callable[[ClusterFacts], V]") -> V:
        """What a pure function makes of these facts. It runs once for the same facts."""
        if compute not in self._computed:
            self._computed[compute] = compute(self)
        value: V = self._computed[compute]
        return value

    @cached_property
    def _computed(self) -> dict[Callable[..., Any], Any]:
        return {}

    @cached_property
    def dependents(self) -> dict[str, list[Obj]]:
        """The objects with an owner, by the UID of the owner."""
        dependents: dict[str, list[Obj]] = {}
        for obj in self.all():
            for owner in obj.owners:
                dependents.setdefault(owner.uid, []).append(obj)
        return dependents

    @cached_property
    def _index(self) -> dict[tuple[str, str, str], Obj]:
        return {(o.kind.key, o.namespace, o.name): o for o in self.all()}


class Missing(Struct, frozen=True):
    """A member named by the operator that could not be read: neither clean nor dirty."""

    name: str
    context: str
    why: str


class FleetFacts(Struct, frozen=True, dict=True):
    """The facts of the fleet: the host, where kubefed's control plane runs, its members, and the missing members."""

    tool: str
    taken: str
    host: ClusterFacts
    members: tuple[ClusterFacts, ...] = ()
    missing: tuple[Missing, ...] = ()

    @property
    def clusters(self) -> tuple[ClusterFacts, ...]:
        """Members first: a member is cleaned before its host."""
        return (*self.members, self.host)

    def identity_of_member(self, name: str) -> str:
        """The identity of the member with this name; "" for none."""
        return next((w.identity for w in self.members if w.name == name), "")

    def cluster(self, identity: str) -> ClusterFacts | None:
        return next((w for w in self.clusters if w.identity == identity), None)

    def whole(self) -> "FleetFacts":
        """The facts as a whole, for a computation with all of them."""
        return self
