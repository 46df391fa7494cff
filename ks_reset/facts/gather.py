"""Read everything once: each listable type of each cluster by fresh discovery, and dial each KubeFedCluster.

Only GET and LIST are sent. What cannot be read becomes a gap, never an empty list. Secrets are listed as metadata
alone; values that look like credentials elsewhere are replaced by their digest before anyone else sees them.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from msgspec import Struct, structs

from ks_reset import __version__
from ks_reset.cluster import Cluster, dial
from ks_reset.errors import ResetError
from ks_reset.facts.redact import redact
from ks_reset.model import Facts, Gap, Kind, Obj, Reach, World

WORKERS = 8
RECORD = "KubeFedCluster.core.kubefed.io"
PASSING = {"Event", "Event.events.k8s.io", "EndpointSlice.discovery.k8s.io", "ComponentStatus"}
"""Types that say nothing about ownership and change by themselves all the time."""


class Fleet(Struct, frozen=True):
    """The connections: the host, and the members by the name the operator gave them."""

    host: Cluster
    members: dict[str, Cluster]

    def cluster(self, identity: str) -> Cluster:
        """The connection to a cluster by identity. Raises KeyError if the fleet does not have it."""
        for cluster in (self.host, *self.members.values()):
            if cluster.identity == identity:
                return cluster
        raise KeyError(identity)


def gather(fleet: Fleet, say: Callable[[str], None] = lambda _: None) -> Facts:
    """Read the whole fleet, clusters one after the other. Raises Unknown if a cluster does not answer at all."""
    members = []
    for name, cluster in fleet.members.items():
        say(f"reading {name}")
        members.append(observe(cluster, name))
    say(f"reading {fleet.host.context}")
    host = _dialled(fleet.host, observe(fleet.host, fleet.host.context))
    return Facts(f"ks-reset {__version__}", datetime.now(UTC).isoformat(timespec="seconds"), host, tuple(members))


def observe(cluster: Cluster, name: str) -> World:
    """Read one cluster. Raises Unknown if it does not answer."""
    identity, version = cluster.identity, cluster.version
    found = cluster.discover()
    kinds = {key: kind for key, kind in found.kinds.items() if _wanted(kind)}
    objects, gaps = _lists(cluster, kinds.values())
    everything = (*found.gaps, *gaps)
    return World(identity, name, cluster.context, cluster.server, version, kinds, objects, everything)


def observe_only(cluster: Cluster, name: str, keys: Iterable[str]) -> World:
    """Read just these types, by `Kind.key`, of one cluster. Raises Unknown if it does not answer."""
    found = cluster.discover()
    objects, gaps = _lists(cluster, [found.kinds[key] for key in keys if key in found.kinds])
    about = (cluster.identity, name, cluster.context, cluster.server, cluster.version)
    return World(*about, found.kinds, objects, (*found.gaps, *gaps))


def again(cluster: Cluster, world: World) -> World:
    """The same world read again as a whole; its records are not dialled again."""
    return structs.replace(observe(cluster, world.name), dials=world.dials)


def refresh(cluster: Cluster, world: World, keys: Iterable[str]) -> World:
    """The same world with some types, by `Kind.key`, read again; a type no longer served has no objects."""
    found = cluster.discover()
    again = [found.kinds[key] for key in keys if key in found.kinds]
    objects, gaps = _lists(cluster, again)
    gone = {key for key in keys if key not in found.kinds}
    kept = {key: objs for key, objs in world.objects.items() if key not in gone}
    return structs.replace(world, objects=kept | objects, gaps=(*found.gaps, *gaps))


def relist(cluster: Cluster, world: World, keys: Iterable[str]) -> World:
    """The same world with some types that it serves read again, without asking what is served."""
    objects, gaps = _lists(cluster, [world.kinds[key] for key in keys if key in world.kinds])
    return structs.replace(world, objects=world.objects | objects, gaps=tuple(gaps))


def _wanted(kind: Kind) -> bool:
    return kind.key not in PASSING and kind.group != "metrics.k8s.io"


def _lists(cluster: Cluster, kinds: Iterable[Kind]) -> tuple[dict[str, tuple[Obj, ...]], list[Gap]]:
    kinds = list(kinds)
    with ThreadPoolExecutor(WORKERS) as pool:
        answers = list(pool.map(lambda kind: _list(cluster, kind), kinds))
    objects = {k.key: a for k, a in zip(kinds, answers, strict=True) if not isinstance(a, Gap)}
    return objects, [a for a in answers if isinstance(a, Gap)]


def _list(cluster: Cluster, kind: Kind) -> tuple[Obj, ...] | Gap:
    try:
        bodies = cluster.list(kind, metadata_only=kind.key == "Secret")
    except ResetError as error:
        return Gap(f"list of {kind.resource}", str(error))
    return tuple(Obj(kind, redact(body)) for body in bodies)


def _dialled(host: Cluster, world: World) -> World:
    records = world.of(RECORD)
    with ThreadPoolExecutor(WORKERS) as pool:
        dials = tuple(pool.map(lambda record: dial(host, record), records))
    gaps = tuple(Gap(f"dial of {d.record}", d.detail) for d in dials if d.reach is Reach.NOT_DIALLED)
    return structs.replace(world, dials=dials, gaps=(*world.gaps, *gaps))
