"""The connections to a fleet: the host, and the members by the names that the operator gave them."""

from msgspec import Struct

from ks_reset.cluster import Cluster


class Fleet(Struct, frozen=True):
    """A connection is lazy: that there is one does not say that anybody answers."""

    host: Cluster
    members: dict[str, Cluster]

    def cluster(self, identity: str) -> Cluster:
        """The connection to a cluster that was read, by identity. Raises KeyError if the fleet does not have it."""
        for cluster in (self.host, *self.members.values()):
            if cluster.known == identity:
                return cluster
        raise KeyError(identity)
