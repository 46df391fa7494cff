"""What a rule reads: declared in its module as `READS`, and compared with what it was seen to read (watched.py).

An object in a list of `found_in` makes a finding; further ones only add findings. A list of `decided_by` can also take
a finding away: an object there, or its absence, decides. A list of `worded_by` changes the text alone.
"""

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from ks_reset.catalogue import is_own_group
from ks_reset.model import FleetFacts

EVERYTHING = "every list"
ANY_LIST = "a list named by an object"
OWN_TYPES = "every list of KubeSphere's API groups"
SERVED = "the served types"
DIALS = "the clusters behind KubeFedClusters"
CONNECTIONS = "the clusters behind Clusters"
JWT = "the jwtSecret"


class Side(StrEnum):
    """Where a rule reads: on the host; on the cluster of the finding; or on any cluster, for any finding."""

    HOST = "host"
    EACH = "each"
    ANYWHERE = "anywhere"


class Read(Struct, frozen=True):
    """A list, by `Kind.key`, or one of the names above, on one side."""

    side: Side
    key: str


class Role(StrEnum):
    """What a gap in a list does to a finding."""

    FOUND = "found"
    DECIDED = "decided"
    WORDED = "worded"


class Reads(Struct, frozen=True):
    """The declaration of a rule."""

    found_in: tuple[Read, ...] = ()
    decided_by: tuple[Read, ...] = ()
    worded_by: tuple[Read, ...] = ()

    def declared(self, facts: FleetFacts, cluster: str, key: str) -> list[tuple[Role, Side]]:
        """The roles and sides of a key read on a cluster; OWN_TYPES and ANY_LIST stand for types without an entry."""
        own = (OWN_TYPES,) if is_own_group(key.partition(".")[2]) else ()
        for wanted in (key, *own, ANY_LIST):
            roles = [
                (role, read.side)
                for role, reads in self.by_role()
                for read in reads
                if read.key == wanted and (read.side is not Side.HOST or cluster == facts.host.name)
            ]
            if roles:
                return roles
        return []

    def by_role(self) -> Iterable[tuple[Role, tuple[Read, ...]]]:
        """The reads of each role, the strongest first."""
        return (Role.DECIDED, self.decided_by), (Role.FOUND, self.found_in), (Role.WORDED, self.worded_by)


def host(*keys: str) -> tuple[Read, ...]:
    """Lists of the host."""
    return tuple(Read(Side.HOST, key) for key in keys)


def each(*keys: str) -> tuple[Read, ...]:
    """Lists of a cluster, for findings about the same cluster."""
    return tuple(Read(Side.EACH, key) for key in keys)


def anywhere(*keys: str) -> tuple[Read, ...]:
    """Lists of every cluster, for every finding."""
    return tuple(Read(Side.ANYWHERE, key) for key in keys)
