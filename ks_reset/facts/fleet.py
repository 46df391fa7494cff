"""Connections to a fleet: the host, and the members by the operator's names."""

import shlex
from functools import cached_property

from msgspec import Struct

from ks_reset.cluster import Client, Target
from ks_reset.model import Options


class Clients(Struct, frozen=True, dict=True):
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

    @property
    def flags(self) -> str:
        """The flags that lead to the same clusters by the same ways, quoted for a shell."""
        return self._flags(self.host.context, self.members)

    def flags_to(self, context: str) -> str:
        """The flags that lead to the cluster of this context alone, in the same way."""
        return self._flags(context, {})

    def _flags(self, context: str, members: dict[str, Client]) -> str:
        way = self.host.way
        words = [*_flag("--kubeconfig", way.kubeconfig), "--context", context]
        words += [word for name, each in members.items() for word in ("--member", f"{name}={each.context}")]
        words += [*_flag("--as", way.user), *(word for group in way.groups for word in ("--as-group", group))]
        words += _flag("--request-timeout", "" if way.timeout == Target().timeout else f"{way.timeout:.0f}")
        return shlex.join(words)

    def name_run(self, run: str) -> None:
        """Have the requests to all clusters name the run that sends them, for the audit logs of the API servers."""
        for client in (self.host, *self.members.values()):
            client.transport.run = run

    def cluster(self, identity: str) -> Client:
        """The client of a cluster already read, by identity. Raises KeyError if the fleet does not have it."""
        client = self._found.get(identity)
        if client is None or client.known != identity:  # read since, or read again
            self._found.update({each.known: each for each in reversed((self.host, *self.members.values()))})
            client = self._found[identity]
        if client.known != identity:
            raise KeyError(identity)
        return client

    @cached_property
    def _found(self) -> dict[str, Client]:
        """The clients by their identity at the last search for one."""
        return {}


def _flag(name: str, value: str) -> tuple[str, ...]:
    """A flag with its value; nothing without a value."""
    return (name, value) if value else ()
