"""Read the fleet: list each type of each cluster after fresh discovery, and dial each KubeFedCluster and Cluster.

Only GET and LIST are sent. A type that cannot be listed becomes a gap, never an empty list. Secrets are listed as
metadata only; apparent credentials in other objects are replaced by digests at once.
"""

import hmac
import secrets
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from msgspec import structs

from ks_reset import __version__
from ks_reset.catalogue.inventory import delivered_content
from ks_reset.catalogue.names import (
    CLUSTER_KEY,
    COMPONENT_STATUS_KEY,
    CONFIG_GAP,
    CONFIG_MAP_KIND,
    ENDPOINT_SLICE_KEY,
    EVENT_KEYS,
    KUBEFED_CLUSTER_KEY,
    KUBESPHERE_CONFIG,
    KUBESPHERE_NAMESPACE,
    SECRET_KEY,
)
from ks_reset.cluster import Client, dial_record
from ks_reset.cluster.answers import printable_text
from ks_reset.credentials.digests import current_key
from ks_reset.credentials.redact import redact_object
from ks_reset.credentials.shapes import wrong_shape
from ks_reset.errors import ResetError, Usage, left_out
from ks_reset.facts.dead_backends import COMPUTED
from ks_reset.facts.fleet import Clients
from ks_reset.facts.installation import jwt_secret
from ks_reset.model import DIAL_GAP, LIST_GAP, Body, ClusterFacts, FleetFacts, Gap, Kind, Missing, Obj, Reach

WORKERS, CLUSTERS, DIALS = 8, 8, 64
KEY = secrets.token_bytes(32)
PASSING = {*EVENT_KEYS, ENDPOINT_SLICE_KEY, COMPONENT_STATUS_KEY}
"""Types without a bearing on ownership, whose objects change all the time; they are not listed."""


def read_fleet(fleet: Clients, say: Callable[[str], None] = lambda _: None) -> FleetFacts:
    """Read the whole fleet, up to `CLUSTERS` clusters at a time; `say` gets one line a cluster.

    A member that does not answer is listed in `missing`. Raises Unknown if the host does not answer, Usage if two
    names reach one cluster.
    """
    with ThreadPoolExecutor(CLUSTERS) as pool:
        host = pool.submit(_read_host, fleet.host, say)
        answers = list(pool.map(lambda pair: _read_member(pair[0], pair[1], say), fleet.members.items()))
        members = tuple(answer for answer in answers if isinstance(answer, ClusterFacts))
        missing = tuple(answer for answer in answers if isinstance(answer, Missing))
        require_distinct_clusters(host.result(), members)
    taken = datetime.now(UTC).isoformat(timespec="seconds")
    return FleetFacts(f"ks-reset {__version__}", taken, host.result(), members, missing, current_key().id)


def _read_host(client: Client, say: Callable[[str], None]) -> ClusterFacts:
    say(f"reading {client.context}")
    return with_dials(client, read_cluster(client, client.context))


def _read_member(name: str, client: Client, say: Callable[[str], None]) -> ClusterFacts | Missing:
    say(f"reading {name}")
    try:
        return read_cluster(client, name)
    except ResetError as error:
        return Missing(name, client.context, str(error))


def require_distinct_clusters(host: ClusterFacts, members: Iterable[ClusterFacts]) -> None:
    """Raises Usage if two of the operator's names reach one cluster."""
    seen = {host.identity: "the host"}
    for cluster in members:
        if cluster.identity in seen:
            same = f"is the same cluster as {seen[cluster.identity]} (kube-system UID {cluster.identity})"
            raise Usage(f"The member {cluster.name} {same}.", *left_out(f"--member {cluster.name}={cluster.context}"))
        seen[cluster.identity] = f"the member {cluster.name}"


def read_cluster(client: Client, name: str) -> ClusterFacts:
    """Read one cluster, all types. Raises Unknown if it does not answer."""
    identity, version = client.read_identity(), client.version
    discovery = client.discover()
    kinds = {key: kind for key, kind in discovery.kinds.items() if _is_listed(kind)}
    objects, list_gaps = _list_types(client, kinds.values())
    jwt = _jwt_hash(client)
    gaps = (*discovery.gaps, *list_gaps, *([jwt] if isinstance(jwt, Gap) else []))
    about = (identity, name, client.context, client.server, version)
    known = "" if isinstance(jwt, Gap) else jwt
    return ClusterFacts(*about, kinds, objects, gaps, skew=client.transport.skew, jwt=known)


def read_types(client: Client, name: str, keys: Iterable[str]) -> ClusterFacts:
    """Read only these types, by `Kind.key`, of one cluster. Raises Unknown if it does not answer."""
    discovery = client.discover()
    objects, gaps = _list_types(client, [discovery.kinds[key] for key in keys if key in discovery.kinds])
    about = (client.identity, name, client.context, client.server, client.version)
    return ClusterFacts(*about, discovery.kinds, objects, (*discovery.gaps, *gaps))


def reread_cluster(client: Client, cluster: ClusterFacts) -> ClusterFacts:
    """The facts of a cluster read again, all types; its records are not dialled again."""
    return structs.replace(read_cluster(client, cluster.name), dials=cluster.dials, connections=cluster.connections)


def relist_types(client: Client, cluster: ClusterFacts, keys: Iterable[str]) -> ClusterFacts:
    """The facts with some served types, by `Kind.key`, read again without discovery; the gaps are of these lists."""
    objects, gaps = _list_types(client, [cluster.kinds[key] for key in keys if key in cluster.kinds])
    return cluster.with_types(objects, gaps=tuple(gaps))


def refresh_types(client: Client, cluster: ClusterFacts, keys: Iterable[str]) -> ClusterFacts:
    """The facts with some types, by `Kind.key`, read again; all of it if a list fails, or a type was not served before.

    The gaps in the other lists stay.
    """
    wanted = list(keys)
    fresh = relist_types(client, cluster, wanted) if all(key in cluster.kinds for key in wanted) else None
    if fresh is None or fresh.gaps:
        return reread_cluster(client, cluster)
    read = {f"{LIST_GAP}{cluster.kinds[key].resource}" for key in wanted}
    return fresh.with_types({}, gaps=tuple(gap for gap in cluster.gaps if gap.what not in read))


def _is_listed(kind: Kind) -> bool:
    return kind.key not in PASSING and kind.group not in COMPUTED


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
        return Gap(f"{LIST_GAP}{kind.resource}", str(error))
    for body in bodies:
        if wrong := wrong_shape(body, kind.key):
            name = printable_text(str(body["metadata"].get("name")))
            why = f"its object {name} has another shape than its type: {wrong}"
            return Gap(f"{LIST_GAP}{kind.resource}", why)
    return tuple(redacted_obj(kind, body) for body in bodies)


def redacted_obj(kind: Kind, body: Body) -> Obj:
    """An object as facts hold it: without what may be a credential; whether its content is as delivered, is kept."""
    return Obj(kind, redact_object(body, kind.key), delivered_content(Obj(kind, body)))


def with_dials(host: Client, cluster: ClusterFacts) -> ClusterFacts:
    """The host's facts with all records dialled, in parallel: each dead record takes a whole timeout."""
    records = [*cluster.of(KUBEFED_CLUSTER_KEY), *cluster.of(CLUSTER_KEY)]
    with ThreadPoolExecutor(max(1, min(DIALS, len(records)))) as pool:
        dials = list(pool.map(lambda record: dial_record(host, record), records))
    count = len(cluster.of(KUBEFED_CLUSTER_KEY))
    gaps = [Gap(f"{DIAL_GAP}{d.record}", d.detail) for d in dials[:count] if d.reach is Reach.NOT_DIALLED]
    gaps_before, of_records, of_clusters = cluster.gaps, tuple(dials[:count]), tuple(dials[count:])
    return structs.replace(cluster, gaps=(*gaps_before, *gaps), dials=of_records, connections=of_clusters)


def _jwt_hash(client: Client) -> str | Gap:
    """A keyed hash of the jwtSecret, comparable within this process; "" for none, a gap for an unread ConfigMap."""
    try:
        secret = jwt_secret(client.get(CONFIG_MAP_KIND, KUBESPHERE_CONFIG, KUBESPHERE_NAMESPACE) or {})
    except ResetError as error:
        return Gap(CONFIG_GAP, str(error))
    except (ValueError, AttributeError):
        return ""
    return hmac.digest(KEY, secret.encode(), "sha256").hex() if secret else ""
