"""Facts that note what a rule reads of them, and the gaps it meets: a gap cannot be read without being noted."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from msgspec import Struct, field

from ks_reset.catalogue.names import (
    CLUSTER_KEY,
    CONFIG_GAP,
    KUBEFED_CLUSTER_KEY,
)
from ks_reset.findings.reads import CONNECTIONS, DIALS, EVERYTHING, JWT, SERVED
from ks_reset.model import DIAL_GAP, GROUP_GAP, LIST_GAP, ClusterFacts, Dial, FleetFacts, Gap, Kind, Obj

V = TypeVar("V")


class Noted(Struct, frozen=True):
    """Something read on a cluster, by its name, with the gaps in it."""

    cluster: str
    key: str
    gaps: tuple[Gap, ...]


class WatchedFleet(FleetFacts, frozen=True, kw_only=True):
    """The same fleet, with clusters that note what is read of them in `notes`."""

    raw: FleetFacts
    notes: dict[tuple[str, str], Noted] = field(default_factory=dict)

    def whole(self) -> FleetFacts:
        for cluster in self.clusters:
            cluster.all()
        return self.raw


class WatchedCluster(ClusterFacts, frozen=True, kw_only=True):
    """The same cluster; every way to its objects is noted."""

    raw: ClusterFacts
    notes: dict[tuple[str, str], Noted]

    def note(self, key: str, gaps: Callable[[], Iterable[Gap]]) -> None:
        """Note that this was read."""
        if (self.identity, key) not in self.notes:
            self.notes[self.identity, key] = Noted(self.name, key, tuple(gaps()))

    def note_type(self, key: str) -> None:
        """Note that the list of a type was read."""
        self.note(key, lambda: gaps_of_type(self.raw, key))

    def of(self, key: str) -> tuple[Obj, ...]:
        self.note_type(key)
        return self.raw.of(key)

    def of_groups(self, wanted: Callable[[str], bool]) -> Iterator[Obj]:
        for key, kind in self.raw.kinds.items():
            if wanted(kind.group):
                self.note_type(key)
        for group, gaps in _gaps_by_group(self.raw).items():
            if wanted(group):
                self.note(f"*.{group}", lambda gaps=gaps: gaps)  # type: ignore[misc]
        return self.raw.of_groups(wanted)

    def all(self) -> Iterator[Obj]:
        self.note(EVERYTHING, lambda: self.raw.gaps)
        return self.raw.all()

    def get(self, key: str, name: str, namespace: str = "") -> Obj | None:
        self.note_type(key)
        return self.raw.get(key, name, namespace)

    def dependents_of(self, uid: str) -> list[Obj]:
        self.all()
        return self.raw.dependents_of(uid)

    def with_uid(self, uid: str) -> Obj | None:
        self.all()
        return self.raw.with_uid(uid)

    @property  # type: ignore[misc]
    def objects(self) -> Mapping[str, tuple[Obj, ...]]:  # type: ignore[override]
        return NotedMapping(self.raw.objects, self.note_type, self.all)

    @property  # type: ignore[misc]
    def kinds(self) -> Mapping[str, Kind]:  # type: ignore[override]
        return NotedMapping(self.raw.kinds, self._note_served, self._note_groups)

    def _note_groups(self) -> None:
        self.note(SERVED, lambda: [gap for gap in self.raw.gaps if gap.what.startswith(GROUP_GAP)])

    def _note_served(self, key: str) -> None:
        if key not in self.raw.kinds:
            self.note_type(key)

    @property  # type: ignore[misc]
    def dials(self) -> tuple[Dial, ...]:
        dialled = [gap for gap in self.raw.gaps if gap.what.startswith(DIAL_GAP)]
        self.note(DIALS, lambda: (*gaps_of_type(self.raw, KUBEFED_CLUSTER_KEY), *dialled))
        return self.raw.dials

    @property  # type: ignore[misc]
    def connections(self) -> tuple[Dial, ...]:
        self.note(CONNECTIONS, lambda: gaps_of_type(self.raw, CLUSTER_KEY))
        return self.raw.connections

    @property  # type: ignore[misc]
    def jwt(self) -> str:
        self.note(JWT, lambda: [gap for gap in self.raw.gaps if gap.what == CONFIG_GAP])
        return self.raw.jwt


class NotedMapping(Mapping[str, V]):
    """A mapping by `Kind.key`: a look-up is noted with its key, a walk over all of it as a whole."""

    def __init__(self, values: Mapping[str, V], looked_up: Callable[[str], Any], walked: Callable[[], Any]) -> None:
        self._values, self._looked_up, self._walked = values, looked_up, walked

    def __getitem__(self, key: str) -> V:
        self._looked_up(key)
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        self._walked()
        return iter(self._values)

    def __len__(self) -> int:
        self._walked()
        return len(self._values)


def watch(facts: FleetFacts) -> WatchedFleet:
    """The same facts, watched; nothing is noted yet."""
    notes: dict[tuple[str, str], Noted] = {}
    host, *members = (_watch_cluster(cluster, notes) for cluster in (facts.host, *facts.members))
    return WatchedFleet(facts.tool, facts.taken, host, tuple(members), facts.missing, raw=facts, notes=notes)


def _watch_cluster(cluster: ClusterFacts, notes: dict[tuple[str, str], Noted]) -> WatchedCluster:
    about = cluster.identity, cluster.name, cluster.context, cluster.endpoint, cluster.version
    return WatchedCluster(*about, {}, {}, cluster.gaps, skew=cluster.skew, raw=cluster, notes=notes)


def gaps_of_type(cluster: ClusterFacts, key: str) -> list[Gap]:
    """The gaps of a type: its list was not read, or its API group did not answer and may serve it."""
    if not cluster.gaps:
        return []
    kind = cluster.kinds.get(key)
    if kind is not None:
        return [gap for gap in cluster.gaps if gap.what == f"{LIST_GAP}{kind.resource}"]
    name, _, group = key.partition(".")
    plurals = [name.lower() + end for end in ("s", "es")] + [f"{name.lower()[:-1]}ies"]
    lists = {f"{LIST_GAP}{plural}.{group}".rstrip(".") for plural in plurals}
    return [gap for gap in cluster.gaps if gap.what in lists or (group and _group_of(gap) == group)]


def _gaps_by_group(cluster: ClusterFacts) -> dict[str, list[Gap]]:
    """The gaps of types that discovery did not name, by API group."""
    if not cluster.gaps:
        return {}
    known = {f"{LIST_GAP}{kind.resource}" for kind in cluster.kinds.values()}
    groups: dict[str, list[Gap]] = {}
    for gap in cluster.gaps:
        listed = gap.what.partition(".")[2] if gap.what.startswith(LIST_GAP) and gap.what not in known else ""
        if group := _group_of(gap) or listed:
            groups.setdefault(group, []).append(gap)
    return groups


def _group_of(gap: Gap) -> str:
    """The API group that did not answer; "" for another gap."""
    return gap.what.removeprefix(GROUP_GAP).partition("/")[0] if gap.what.startswith(GROUP_GAP) else ""
