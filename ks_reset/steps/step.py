"""What a step is: a name, why it exists, what must have been done before it, and what it does to given facts.

A step yields actions from facts; yielding nothing is idempotence. Most steps remove objects: they say which, and
the DELETE actions follow. Other steps say their actions themselves.
"""

from collections.abc import Callable, Iterable

from msgspec import Struct, structs

from ks_reset.facts import federation
from ks_reset.model import Action, ClusterFacts, FleetFacts, Obj, Options, Skipped


class StepContext(Struct, frozen=True):
    """What a step works on: facts, options, the UIDs that some step of the playbook removes; the playbook, its steps.

    `fleet` has every cluster that was read, where `facts` has not.
    """

    facts: FleetFacts
    options: Options
    doomed: frozenset[str] = frozenset()
    playbook: str = ""
    scope: str = "fleet"
    fleet: FleetFacts | None = None
    steps: tuple[str, ...] = ()

    def goes(self, obj: Obj, world: ClusterFacts) -> bool:
        """Whether a step of the playbook removes the object, or the namespace it is in."""
        home = world.get("Namespace", obj.namespace)
        return obj.uid in self.doomed or (home is not None and home.uid in self.doomed)

    @property
    def detached(self) -> tuple[ClusterFacts, ...]:
        """The clusters of which only a host's traces go: those that several hosts share, or all of such a playbook.

        Asked of a member alone, whose host has no say any more, it is that cluster itself.
        """
        fleet = self.fleet or self.facts
        host, members = fleet.host, fleet.members
        if self.scope == "member":
            return members or (() if host.of(federation.RECORD) else (host,))
        return tuple(w for w in members if w.name in self.options.shared) if self.scope == "fleet" else ()

    @property
    def leaving(self) -> frozenset[str]:
        """The names of the records that go while their host stays: of detached members, or those that were named."""
        if self.scope == "record":
            return frozenset(self.options.members)
        if self.scope != "member":
            return frozenset()
        there, host = {w.identity: w.name for w in self.detached}, self.facts.host
        ways = [way for dials in (host.dials, host.connections) for way in federation.identities(dials).items()]
        reached = {record for record, found in ways if found in there}
        answered = {record for record, found in ways if found}
        return frozenset(reached | (set(there.values()) - answered))

    @property
    def whole(self) -> "StepContext":
        """The same ground without the clusters that are detached: only those are worked on as wholes."""
        spared = self.detached
        kept = tuple(w for w in self.facts.members if w not in spared)
        return structs.replace(self, facts=structs.replace(self.facts, members=kept), fleet=self.facts)


class Removal(Struct, frozen=True):
    """An object to delete, and the proof that it is KubeSphere's; `along` is the UID of the one that it goes with."""

    obj: Obj
    why: str
    along: str = ""


class Step(Struct, frozen=True):
    """`after` names steps that every playbook must hold before this one; `a|b` is one of them.

    One of `removes`, `actions` is given. A step that `detaches` also works on clusters of which only a host's traces
    go; others work on whole ones.
    """

    name: str
    why: str
    after: tuple[str, ...] = ()
    removes: Callable[[ClusterFacts, StepContext], Iterable[Removal | Skipped]] | None = None
    actions: Callable[[StepContext], Iterable[Action | Skipped]] | None = None
    detaches: bool = False
