"""The connections to a fleet: the host, and the members by the names that the operator gave them."""

from msgspec import Struct

from ks_reset.cluster import Client
from ks_reset.model import Options


class Clients(Struct, frozen=True):
    """A connection is lazy: that there is one does not say that anybody answers."""

    host: Client
    members: dict[str, Client]

    def only(self, options: Options, scope: str = "fleet") -> "Clients":
        """Without the members that are left: nobody asks them anything. Records are the host's matter alone."""
        if scope == "record":
            return Clients(self.host, {})
        return Clients(self.host, {name: each for name, each in self.members.items() if options.request.takes(name)})

    def cluster(self, identity: str) -> Client:
        """The connection to a cluster that was read, by identity. Raises KeyError if the fleet does not have it."""
        for cluster in (self.host, *self.members.values()):
            if cluster.known == identity:
                return cluster
        raise KeyError(identity)
