"""Put a seatbelt on, see the API server enforce it, and take it off again."""

from collections.abc import Callable, Sequence

from ks_reset import protect
from ks_reset.cluster import Cluster, until
from ks_reset.errors import Conflict, Stopped
from ks_reset.model import Body, Kind

NAMESPACE = Kind("", "v1", "Namespace", "namespaces", False)
PROBE = "kube-node-lease"
"""Every cluster has this namespace, and the API server would delete it: unlike kube-system it is not immortal."""


def fasten(
    cluster: Cluster, made: Sequence[tuple[Kind, Body]], timeout: float, say: Callable[[str], None] = lambda _: None
) -> int:
    """Make or repair each part, and return once deletions are refused; how many writes that took.

    Proven by a dry run of a deletion, which changes nothing. Raises Stopped if it is not refused after `timeout`
    seconds: an API server takes up to a few seconds to heed a new rule.
    """
    writes = sum(_put(cluster, kind, body) for kind, body in made)

    def refused() -> bool:
        say(f"waiting for the API server of {cluster.context} to refuse deletions")
        return protect.NAME in cluster.would_delete(NAMESPACE, PROBE)

    if not until(refused, timeout):
        raise Stopped(
            f"The seatbelt of {cluster.context} is on, but after {timeout:.0f} s deletions are still allowed. "
            "Nothing was changed. See whether admission plugins are switched off, then run the same command again."
        )
    return writes


def loosen(cluster: Cluster, belt: protect.Belt) -> int:
    """Delete its parts, the last one made first; how many writes that took."""
    for part in reversed(belt.parts):
        cluster.delete(part.kind, part.name, "", part.uid)
    return len(belt.parts)


def _put(cluster: Cluster, kind: Kind, body: Body) -> int:
    """Create it, or replace what is there by it."""
    name = body["metadata"]["name"]
    found = cluster.get(kind, name)
    if found is None:
        cluster.create(kind, body)
        return 1
    if protect.same(found, body):
        return 0
    meta = {**body["metadata"], "resourceVersion": found["metadata"]["resourceVersion"]}
    try:
        cluster.request("PUT", kind.path("", name), {**body, "metadata": meta})
    except Conflict:
        return _put(cluster, kind, body)
    return 1
