"""Read everything once: each listable type of each cluster by fresh discovery, and dial each KubeFedCluster.

Only GET and LIST are sent. What cannot be read becomes a gap, never an empty list. Secrets are listed as metadata
alone; values that look like credentials elsewhere are replaced by their digest before anyone else sees them.
"""

import hmac
import secrets
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import yaml
from msgspec import structs

from ks_reset import __version__
from ks_reset.catalogue.names import (
    CLUSTER_KEY,
    COMPONENT_STATUS_KEY,
    CONFIG_MAP_KIND,
    ENDPOINT_SLICE_KEY,
    KUBEFED_CLUSTER_KEY,
    KUBESPHERE_CONFIG,
    KUBESPHERE_NAMESPACE,
    METRICS_GROUP,
    SECRET_KEY,
)
from ks_reset.cluster import Client, dial
from ks_reset.credentials.redact import redact
from ks_reset.errors import ResetError, Unknown, Usage
from ks_reset.facts.fleet import Clients
from ks_reset.facts.installation import jwt_secret
from ks_reset.model import ClusterFacts, FleetFacts, Gap, Kind, Missing, Obj, Reach

WORKERS, CLUSTERS, DIALS = 8, 8, 64
KEY = secrets.token_bytes(32)


PASSING = {"Event", "Event.events.k8s.io", ENDPOINT_SLICE_KEY, COMPONENT_STATUS_KEY}
"""Types that say nothing about ownership and change by themselves all the time."""


def gather(fleet: Clients, say: Callable[[str], None] = lambda _: None) -> FleetFacts:
    """Read the whole fleet, up to `CLUSTERS` at once.

    A member that does not answer is missing from the facts; raises Unknown if the host does not, Usage if two names
    reach one cluster.
    """
    with ThreadPoolExecutor(CLUSTERS) as pool:
        host = pool.submit(_read_host, fleet.host, say)
        members = list(pool.map(lambda pair: _read_member(pair[0], pair[1], say), fleet.members.items()))
        read, missing = (
            [m for m in members if isinstance(m, ClusterFacts)],
            [m for m in members if isinstance(m, Missing)],
        )
        distinct(host.result(), read)
    taken = datetime.now(UTC).isoformat(timespec="seconds")
    return FleetFacts(f"ks-reset {__version__}", taken, host.result(), tuple(read), tuple(missing))


def _read_host(client: Client, say: Callable[[str], None]) -> ClusterFacts:
    say(f"reading {client.context}")
    return dialled(client, observe(client, client.context))


def _read_member(name: str, client: Client, say: Callable[[str], None]) -> ClusterFacts | Missing:
    say(f"reading {name}")
    try:
        return observe(client, name)
    except Unknown as error:
        return Missing(name, client.context, str(error))


def distinct(host: ClusterFacts, members: Iterable[ClusterFacts]) -> None:
    """Raises Usage if two names that the operator gave reach one cluster."""
    seen = {host.identity: "the host"}
    for cluster in members:
        if cluster.identity in seen:
            same = f"is the same cluster as {seen[cluster.identity]} (kube-system UID {cluster.identity})"
            raise Usage(f"The member {cluster.name} {same}.")
        seen[cluster.identity] = f"the member {cluster.name}"


def observe(client: Client, name: str) -> ClusterFacts:
    """Read one cluster. Raises Unknown if it does not answer."""
    identity, version = client.identify(), client.version
    found = client.discover()
    kinds = {key: kind for key, kind in found.kinds.items() if _is_listed(kind)}
    objects, gaps = _list_types(client, kinds.values())
    everything = (*found.gaps, *gaps)
    about = (identity, name, client.context, client.server, version)
    return ClusterFacts(*about, kinds, objects, everything, skew=client.transport.skew, jwt=_jwt_hash(client))


def observe_only(client: Client, name: str, keys: Iterable[str]) -> ClusterFacts:
    """Read just these types, by `Kind.key`, of one cluster. Raises Unknown if it does not answer."""
    found = client.discover()
    objects, gaps = _list_types(client, [found.kinds[key] for key in keys if key in found.kinds])
    about = (client.identity, name, client.context, client.server, client.version)
    return ClusterFacts(*about, found.kinds, objects, (*found.gaps, *gaps))


def again(client: Client, cluster: ClusterFacts) -> ClusterFacts:
    """The same cluster read again as a whole; its records are not dialled again."""
    return structs.replace(observe(client, cluster.name), dials=cluster.dials, connections=cluster.connections)


def refresh(client: Client, cluster: ClusterFacts, keys: Iterable[str]) -> ClusterFacts:
    """The same cluster with some types, by `Kind.key`, read again; a type no longer served has no objects."""
    found = client.discover()
    again = [found.kinds[key] for key in keys if key in found.kinds]
    objects, gaps = _list_types(client, again)
    gone = {key for key in keys if key not in found.kinds}
    kept = {key: objs for key, objs in cluster.objects.items() if key not in gone}
    return structs.replace(cluster, objects=kept | objects, gaps=(*found.gaps, *gaps))


def relist(client: Client, cluster: ClusterFacts, keys: Iterable[str]) -> ClusterFacts:
    """The same cluster with some types that it serves read again, without asking what is served."""
    objects, gaps = _list_types(client, [cluster.kinds[key] for key in keys if key in cluster.kinds])
    return structs.replace(cluster, objects=cluster.objects | objects, gaps=tuple(gaps))


def _is_listed(kind: Kind) -> bool:
    return kind.key not in PASSING and kind.group != METRICS_GROUP


def _list_types(client: Client, kinds: Iterable[Kind]) -> tuple[dict[str, tuple[Obj, ...]], list[Gap]]:
    kinds = list(kinds)
    with ThreadPoolExecutor(WORKERS) as pool:
        answers = list(pool.map(lambda kind: _list_type(client, kind), kinds))
    objects = {k.key: a for k, a in zip(kinds, answers, strict=True) if not isinstance(a, Gap)}
    return objects, [a for a in answers if isinstance(a, Gap)]


def _list_type(client: Client, kind: Kind) -> tuple[Obj, ...] | Gap:
    try:
        bodies = client.list(kind, metadata_only=kind.key == SECRET_KEY)
    except ResetError as error:
        return Gap(f"list of {kind.resource}", str(error))
    return tuple(Obj(kind, redact(body)) for body in bodies)


def dialled(host: Client, cluster: ClusterFacts) -> ClusterFacts:
    """With every record dialled at once: a dead one takes as long as all of them."""
    records = [*cluster.of(KUBEFED_CLUSTER_KEY), *cluster.of(CLUSTER_KEY)]
    with ThreadPoolExecutor(max(1, min(DIALS, len(records)))) as pool:
        dials = list(pool.map(lambda record: dial(host, record), records))
    count = len(cluster.of(KUBEFED_CLUSTER_KEY))
    gaps = [Gap(f"dial of {d.record}", d.detail) for d in dials[:count] if d.reach is Reach.NOT_DIALLED]
    found = {"dials": tuple(dials[:count]), "connections": tuple(dials[count:])}
    return structs.replace(cluster, gaps=(*cluster.gaps, *gaps), **found)


def _jwt_hash(client: Client) -> str:
    """A hash of the jwtSecret, with a key of this process: it compares, and says nothing else."""
    try:
        secret = jwt_secret(client.get(CONFIG_MAP_KIND, KUBESPHERE_CONFIG, KUBESPHERE_NAMESPACE) or {})
    except (ResetError, yaml.YAMLError, AttributeError):
        return ""
    return hmac.digest(KEY, secret.encode(), "sha256").hex() if secret else ""
