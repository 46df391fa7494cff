"""Connections to a fleet: the host, and the members by the operator's names."""

from msgspec import Struct

from ks_reset.cluster import Client
from ks_reset.model import Options


class Clients(Struct, frozen=True):
    """Connections are lazy; a client may exist for a cluster that does not answer."""

    host: Client
    members: dict[str, Client]

    def only(self, options: Options, scope: str = "fleet") -> "Clients":
        """The clients for the options' members; with the scope `record` the host alone, since it has all records."""
        if scope == "record":
            return Clients(self.host, {})
        return Clients(
            self.host, {name: client for name, client in self.members.items() if options.request.works_on(name)}
        )

    def cluster(self, identity: str) -> Client:
        """The client of a cluster already read, by identity. Raises KeyError if the fleet does not have it."""
        for client in (self.host, *self.members.values()):
            if client.known == identity:
                return client
        raise KeyError(identity)
