"""What a step is: its name, its reason, the steps that must come before it, and what it does to given facts.

A step yields actions from facts; if nothing is left to do, it yields none. Most steps only name objects to remove,
from which `plan.make` makes Delete actions. The others yield their actions themselves.
"""

from collections.abc import Callable, Iterable

from msgspec import Struct, structs

from ks_reset.facts import federation
from ks_reset.model import Action, ClusterFacts, FleetFacts, Material, Obj, Options, Request, Skipped


class StepContext(Struct, frozen=True):
    """What a step works on: facts, options, the playbook's name, scope and steps.

    `doomed` are the UIDs of the objects that steps of this playbook remove. `fleet` has every cluster that was read,
    also those that `facts` leaves out.
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

    def is_removed(self, obj: Obj, cluster: ClusterFacts) -> bool:
        """Whether a step of the playbook removes the object, or the namespace that it is in."""
        namespace = cluster.get("Namespace", obj.namespace)
        return obj.uid in self.doomed or (namespace is not None and namespace.uid in self.doomed)

    @property
    def detached(self) -> tuple[ClusterFacts, ...]:
        """The clusters from which only one host's traces are removed: shared ones, or all in a playbook for members.

        A member that was read without a host, because that host is gone, is its own only cluster here.
        """
        fleet = self.fleet or self.facts
        host, members = fleet.host, fleet.members
        if self.scope == "member":
            return members or (() if host.of(federation.RECORD) else (host,))
        return tuple(m for m in members if m.name in self.request.shared) if self.scope == "fleet" else ()

    @property
    def leaving(self) -> frozenset[str]:
        """The names of the records to remove while their host stays: of detached members, or those requested."""
        if self.scope == "record":
            return frozenset(self.request.members)
        if self.scope != "member":
            return frozenset()
        names, host = {member.identity: member.name for member in self.detached}, self.facts.host
        reached = [pair for dials in (host.dials, host.connections) for pair in federation.identities(dials).items()]
        of_detached = {record for record, identity in reached if identity in names}
        answered = {record for record, identity in reached if identity}
        return frozenset(of_detached | (set(names.values()) - answered))

    @property
    def without_detached(self) -> "StepContext":
        """The same context without the detached clusters, for steps that work on whole clusters."""
        detached = self.detached
        members = tuple(member for member in self.facts.members if member not in detached)
        return structs.replace(self, facts=structs.replace(self.facts, members=members), fleet=self.facts)


class Removal(Struct, frozen=True):
    """An object to delete, and the proof that it belongs to KubeSphere; `along` as for Delete."""

    obj: Obj
    why: str
    along: str = ""


class Step(Struct, frozen=True):
    """`after` names steps that every playbook must have before this one; `a|b` is one of the two.

    Either `removes` or `actions` is given. A step that `detaches` also works on clusters from which only one host's
    traces are removed; all others work on whole clusters.
    """

    name: str
    why: str
    after: tuple[str, ...] = ()
    removes: Callable[[ClusterFacts, StepContext], Iterable[Removal | Skipped]] | None = None
    actions: Callable[[StepContext], Iterable[Action | Skipped]] | None = None
    detaches: bool = False
