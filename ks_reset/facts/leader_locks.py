"""Leader-election locks without a controller in the facts: a copy elsewhere may hold them.

The time stamps in a lock are those of its holder's clock. So only a lock older than its lease by a minute is
taken as left behind: a plan waits for each lock all the same, and sees whether it is renewed.
"""

from datetime import UTC, datetime, timedelta

from msgspec import Struct

from ks_reset import catalogue
from ks_reset.catalogue.controllers import LEADER_ELECTIONS
from ks_reset.catalogue.names import LEADER_ANNOTATION
from ks_reset.facts.stray_controllers import stoppable_controllers, stray_controllers
from ks_reset.limits import LEASE_SECONDS, decode_json
from ks_reset.model import Body, ClusterFacts, FleetFacts, Obj

CLOCKS_APART = timedelta(seconds=60)
"""How far the clock of a lock's holder may be from that of the API server."""
LOCK_KEYS = tuple(dict.fromkeys(kind.key for lock in LEADER_ELECTIONS.values() for kind in lock.kinds))


class LoneLock(Struct, frozen=True):
    """The lock of a controller without Deployment and Pod on the cluster, and its holder."""

    program: str
    obj: Obj
    holder: str


def lone_locks(cluster: ClusterFacts) -> list[LoneLock]:
    """The locks with a holder, of controllers not on a cluster as far as facts tell."""
    known = (*stoppable_controllers(cluster), *stray_controllers(cluster).unstoppable)
    seen = {catalogue.controller_name(obj) for obj in known}
    return [
        LoneLock(program, obj, holder)
        for program, election in LEADER_ELECTIONS.items()
        for kind in election.kinds
        for obj in cluster.of(kind.key)
        if obj.name == election.name and program not in seen
        if (holder := str(_record(obj).get("holderIdentity") or ""))
    ]


def renewed_locks(facts: FleetFacts, cluster: ClusterFacts) -> list[LoneLock]:
    """Those of them renewed within their lease before the facts were read, or may have been."""
    now = datetime.fromisoformat(facts.taken) + timedelta(seconds=cluster.skew)
    return [lock for lock in lone_locks(cluster) if _ends(lock) > now - CLOCKS_APART]


def _ends(lock: LoneLock) -> datetime:
    """When the lease ends; far in the future without a readable time."""
    record, seconds = _record(lock.obj), LEADER_ELECTIONS[lock.program].lease_seconds
    named = record.get("leaseDurationSeconds")
    seconds = named if isinstance(named, int) else seconds
    try:
        renewed = datetime.fromisoformat(str(record.get("renewTime", "")))
        return renewed.replace(tzinfo=renewed.tzinfo or UTC) + timedelta(seconds=min(max(seconds, 0), LEASE_SECONDS))
    except (ValueError, OverflowError):
        return datetime.max.replace(tzinfo=UTC)


def _record(obj: Obj) -> Body:
    """The fields of a lock: the spec of a Lease, else the annotation of another object."""
    if text := obj.annotations.get(LEADER_ANNOTATION):
        try:
            fields = decode_json(text.encode(errors="replace"))
        except ValueError:
            return {"holderIdentity": text}
        return fields if isinstance(fields, dict) else {"holderIdentity": text}
    return obj.spec
