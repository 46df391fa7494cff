"""Steps: name, reason, the steps to come before it, and its actions on given facts.

A step yields actions from facts; if nothing is left to do, it yields none. Most steps only name objects to remove,
and `plan.make` makes Delete actions of them. The others yield their actions themselves.
"""

from collections.abc import Callable, Iterable
from typing import Any

from msgspec import Struct, structs

from ks_reset.catalogue.names import NAMESPACE_KEY
from ks_reset.facts import federation
from ks_reset.model import Action, ClusterFacts, FleetFacts, Material, Obj, Options, Request, Skipped


class StepContext(Struct, frozen=True):
    """The input of a step: facts, options, the playbook's name, scope and steps.

    `doomed` are the UIDs of the objects removed by steps of this playbook. `fleet` has every cluster as read, also
    those missing in `facts`.
    """

    facts: FleetFacts
    options: Options
    doomed: frozenset[str] = frozenset()
    playbook: str = ""
    scope: str = "fleet"
    fleet: FleetFacts | None = None
    steps: tuple[str, ...] = ()

    @property
    def request(self) -> Request:
        return self.options.request

    @property
    def material(self) -> Material:
        return self.options.material

    def with_material(self, **changes: Any) -> "StepContext":
        """The same context with these fields of the material."""
        return structs.replace(self, options=self.options.with_material(**changes))

    def is_removed(self, obj: Obj, cluster: ClusterFacts) -> bool:
        """Whether a step of the playbook removes the object or its namespace."""
        namespace = cluster.get(NAMESPACE_KEY, obj.namespace)
        return obj.uid in self.doomed or (namespace is not None and namespace.uid in self.doomed)

    @property
    def detached_clusters(self) -> tuple[ClusterFacts, ...]:
        """The clusters to clean of one host's traces only: shared ones, or all in a playbook for members.

        A member read without a host, because the host is gone, is the only cluster here.
        """
        fleet = self.fleet or self.facts
        host, members = fleet.host, fleet.members
        if self.scope == "member":
            return members or (() if federation.is_host(host) else (host,))
        return tuple(m for m in members if m.name in self.request.shared) if self.scope == "fleet" else ()

    @property
    def leaving_records(self) -> frozenset[str]:
        """The names of the records to remove while their host stays: of detached members, or those requested."""
        if self.scope == "record":
            return frozenset(self.request.members)
        if self.scope != "member":
            return frozenset()
        names, host = {member.identity: member.name for member in self.detached_clusters}, self.facts.host
        reached = [
            pair
            for dials in (host.dials, host.connections)
            for pair in federation.identity_by_record(dials, host.connections).items()
        ]
        of_detached = {record for record, identity in reached if identity in names}
        answered = {record for record, identity in reached if identity}
        return frozenset(of_detached | (set(names.values()) - answered))

    @property
    def without_detached(self) -> "StepContext":
        """The same context without the detached clusters."""
        detached = self.detached_clusters
        if not detached:
            return structs.replace(self, fleet=self.facts)  # the same facts: what was computed from them is known
        members = tuple(member for member in self.facts.members if member not in detached)
        return structs.replace(self, facts=structs.replace(self.facts, members=members), fleet=self.facts)


class Removal(Struct, frozen=True):
    """An object to delete, and the proof of its origin; `along` as for Delete."""

    obj: Obj
    why: str
    along: str = ""


class Step(Struct, frozen=True):
    """`after` names steps to come before this one in every playbook; `a|b` is one of the two.

    Either `removes` or `actions` is given. A step with `detaches` also works on clusters in `detached_clusters`;
    all others work on whole clusters.
    """

    name: str
    why: str
    after: tuple[str, ...] = ()
    removes: Callable[[ClusterFacts, StepContext], Iterable[Removal | Skipped]] | None = None
    actions: Callable[[StepContext], Iterable[Action | Skipped]] | None = None
    detaches: bool = False
