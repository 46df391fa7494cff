"""One application of one plan: what it holds on to, what is left to do, and what it tells while it waits."""

from collections import Counter
from collections.abc import Callable
from threading import Event, RLock

from msgspec import Struct, field

from ks_reset.apply.remaining import remaining_actions
from ks_reset.apply.watch.cluster import ClusterWatch
from ks_reset.credentials.fill import Credentials
from ks_reset.errors import ResetError, Retry, Stopped, Unknown
from ks_reset.facts import Clients
from ks_reset.guards import GuardContext
from ks_reset.journal import Journal
from ks_reset.model import Action, ClusterFacts, FleetFacts, Lasting, Plan
from ks_reset.plan import make as planning
from ks_reset.plan.playbook import Playbook

LEAVES = (Retry, Unknown, Stopped)
"""What concerns the one cluster that it befalls: no answer, or not finished in time."""


OWN, OTHERS = 1.0, 5.0
"""Seconds after which a cluster is looked at again: the lane's own and the host, and any other."""


class Progress(Struct, frozen=True):
    """How progress is told: a step begins, what a cluster is at, a step is done with so many writes on each cluster.

    `beat` takes the text and the cluster's name, which is empty for what concerns all. `left` says of a member that it
    was left behind, and why. All are called from several threads.
    """

    begin: Callable[[str, str, int], None]
    beat: Callable[[str, str], None]
    done: Callable[[str, dict[str, int]], None]
    left: Callable[[str, str], None]


class RunResult(Struct, frozen=True):
    """How many requests that write were sent, and the facts as they were last read."""

    writes: int
    facts: FleetFacts


class RunContext(Struct):
    """One application of one plan. `facts` moves on as things are read again; `eyes` watch over each cluster."""

    fleet: Clients
    plan: Plan
    playbook: Playbook
    journal: Journal
    report: Progress
    timeout: float
    facts: FleetFacts
    eyes: dict[str, ClusterWatch]
    keys: Credentials = field(default_factory=Credentials)
    written: Counter[str] = field(default_factory=Counter)
    lost: dict[str, ResetError] = {}
    halt: Event = field(default_factory=Event)
    lock: RLock = field(default_factory=RLock)

    def count_writes(self, identity: str, writes: int = 1) -> None:
        with self.lock:
            self.written[identity] += writes

    def leave_behind(self, identity: str, error: ResetError) -> None:
        """A member leaves its lane. Raises the error itself if it is the host's, or no matter of reachability."""
        if identity == self.facts.host.identity or not isinstance(error, LEAVES):
            self.halt.set()
            raise error
        with self.lock:
            if identity not in self.lost and not self.halt.is_set():
                self.lost[identity] = error
                self.journal.note_event("left behind", cluster=identity, why=str(error))
                self.report.left(self.cluster_facts(identity).name, str(error))

    def remaining_in(self, step: str) -> list[Action]:
        fresh = planning.make(self.playbook, self.facts, self.plan.options)
        writes = [a for a in remaining_actions(self.plan, fresh, self.facts) if not isinstance(a, Lasting)]
        both = writes + unwatched_actions(self.plan, self.journal)
        order = {action.id: index for index, action in enumerate(self.plan.actions)}
        mine = [a for a in both if a.step == step and a.cluster not in self.lost]
        return sorted(mine, key=lambda a: order.get(a.id, len(order)))

    def teller_of(self, identity: str) -> Callable[[str], None]:
        """Progress of one cluster; and as long as anything is waited for, the eyes stay open, on all clusters.

        What it returns raises Refused if they see a loss, Stopped if another lane has stopped the run.
        """

        def tell(text: str) -> None:
            self.report.beat(text, self.cluster_facts(identity).name)
            self.watch_clusters(identity)

        return tell

    def watch_clusters(self, identity: str) -> None:
        """Look at every cluster on behalf of one: its own trouble and the host's is raised, others leave their lane.

        The own one and the host each second. The others now and then, by whoever comes along, so that no lock lapses
        while a lane waits for its turn; with many members nobody waits for them.
        """
        if self.halt.is_set():
            raise Stopped("Another cluster has stopped the run.")
        host = self.facts.host.identity
        for each, eyes in self.eyes.items():
            if each not in self.lost:
                try:
                    eyes.check_cluster(OWN if each in (identity, host) else OTHERS, wait=each == identity)
                except ResetError as error:
                    if each in (identity, host):
                        raise
                    self.leave_behind(each, error)

    def guard_context(self, action: Action) -> GuardContext:
        """What guards rest on, read afresh: all of the action's cluster, and the host's controllers."""
        self.watch_clusters(action.cluster)
        own, host = self.eyes[action.cluster], self.eyes[self.facts.host.identity]
        restarted = own.restarted_controllers() + (() if own is host else host.restarted_controllers(age=1.0))
        return own.guard_context(action, self.cluster_facts(action.cluster), restarted)

    def cluster_facts(self, identity: str) -> ClusterFacts:
        found = self.facts.world(identity)
        assert found is not None, "preflight read every cluster of the plan"
        return found


def unwatched_actions(plan: Plan, journal: Journal) -> list[Action]:
    """What is still to be watched."""
    ended = journal.ended_actions()
    return [a for a in plan.actions if isinstance(a, Lasting) and a.id not in ended]
