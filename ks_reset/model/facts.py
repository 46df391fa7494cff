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


class TypeIndex:
    """The objects of one type by name, by UID and by owner, each made when first asked for."""

    def __init__(self, objects: tuple[Obj, ...]) -> None:
        self.objects = objects

    @cached_property
    def by_name(self) -> dict[tuple[str, str], Obj]:
        """By namespace and name."""
        return {(obj.namespace, obj.name): obj for obj in self.objects}

    @cached_property
    def by_uid(self) -> dict[str, Obj]:
        return {obj.uid: obj for obj in self.objects}

    @cached_property
    def by_owner(self) -> dict[str, list[Obj]]:
        """By the UIDs of their owners."""
        dependents: dict[str, list[Obj]] = {}
        for obj in self.objects:
            for owner in obj.owners:
                dependents.setdefault(owner.uid, []).append(obj)
        return dependents


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
        return self._index_of(key).by_name.get((namespace, name))

    def dependents_of(self, uid: str) -> list[Obj]:
        """The objects with this owner."""
        return [obj for key in self.objects for obj in self._index_of(key).by_owner.get(uid, ())]

    def with_uid(self, uid: str) -> Obj | None:
        """The object with this UID."""
        found = (self._index_of(key).by_uid.get(uid) for key in self.objects)
        return next((obj for obj in found if obj), None)

    def with_types(self, objects: dict[str, tuple[Obj, ...]], **changes: Any) -> "ClusterFacts":
        """The same facts with the objects of some types read again; the indices of the others stay."""
        after = structs.replace(self, objects=self.objects | objects, **changes)
        after.__dict__["_indices"] = self._indices  # shared: an index is used for the very objects it was made of
        after.__dict__["_computed_of"] = self._computed_of  # shared in the same way
        return after

    def _index_of(self, key: str) -> TypeIndex:
        index, objects = self._indices.get(key), self.objects.get(key, ())
        if index is None or index.objects is not objects:
            index = self._indices[key] = TypeIndex(objects)
        return index

    def once(self, compute: "Callable[[ClusterFacts], V]") -> V:
        """What a pure function makes of these facts. It runs once for the same facts."""
        if compute not in self._computed:
            self._computed[compute] = compute(self)
        value: V = self._computed[compute]
        return value

    def once_of(self, keys: tuple[str, ...], compute: "Callable[[ClusterFacts], V]") -> V:
        """As `once`, for a function of these types alone: it runs again once objects of one are read again."""
        objects = [self.objects.get(key, ()) for key in keys]
        found = self._computed_of.get(compute)
        if found is None or any(was is not now for was, now in zip(found[0], objects, strict=True)):
            found = self._computed_of[compute] = objects, compute(self)
        value: V = found[1]
        return value

    @cached_property
    def _computed_of(self) -> dict[Callable[..., Any], tuple[list[tuple[Obj, ...]], Any]]:
        return {}

    @cached_property
    def _computed(self) -> dict[Callable[..., Any], Any]:
        return {}

    @cached_property
    def _indices(self) -> dict[str, TypeIndex]:
        return {}


class Missing(Struct, frozen=True):
    """A member named by the operator that could not be read: neither clean nor dirty."""

    name: str
    context: str
    why: str


class FleetFacts(Struct, frozen=True, dict=True):
    """The facts of the fleet: the host, where kubefed's control plane runs, its members, and the missing members.

    `key` names the key of the digests in them: digests of two keys cannot be compared.
    """

    tool: str
    taken: str
    host: ClusterFacts
    members: tuple[ClusterFacts, ...] = ()
    missing: tuple[Missing, ...] = ()
    key: str = ""

    @property
    def clusters(self) -> tuple[ClusterFacts, ...]:
        """Members first: a member is cleaned before its host."""
        return (*self.members, self.host)

    def identity_of_member(self, name: str) -> str:
        """The identity of the member with this name; "" for none."""
        return next((w.identity for w in self.members if w.name == name), "")

    def cluster(self, identity: str) -> ClusterFacts | None:
        return self._by_identity.get(identity)

    @cached_property
    def _by_identity(self) -> dict[str, ClusterFacts]:
        """The first cluster with each identity."""
        return {cluster.identity: cluster for cluster in reversed(self.clusters)}

    def whole(self) -> "FleetFacts":
        """The facts as a whole, for a computation with all of them."""
        return self
