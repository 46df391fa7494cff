"""The state of one run of one plan: clients, facts, watches, journal, and the remaining actions."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from threading import Event, RLock

from msgspec import Struct, field

from ks_reset.apply.approved_marks import LateMarks
from ks_reset.apply.progress import Progress, StepBegun
from ks_reset.apply.remaining import remaining_actions
from ks_reset.apply.watch.cluster import ClusterWatch
from ks_reset.apply.window import Window
from ks_reset.apply.worst import Halted, raise_worst
from ks_reset.credentials.fill import Credentials
from ks_reset.errors import ResetError, Retry, Stopped, Unknown
from ks_reset.facts import Clients
from ks_reset.guards import GuardContext
from ks_reset.journal import Journal
from ks_reset.model import Action, ClusterFacts, Delete, FleetFacts, Lasting, Plan, Scale
from ks_reset.plan import make as planning
from ks_reset.plan.playbook import Playbook

LEAVES = (Retry, Unknown, Stopped)
"""Errors of a single cluster: no answer, or not finished in time. A member with one is left behind."""
PARALLELISM = 8
"""How many writes one cluster gets at once, if nothing else is said."""
OWN, OTHERS = 1.0, 5.0
"""Seconds after which a cluster is checked again: the own one of a lane and the host, and any other."""


class RunResult(Struct, frozen=True):
    """The number of writing requests sent, and the facts as last read.

    `left` are marks added after the approval, `also` the deletions of objects created after it, of approved types.
    """

    writes: int
    facts: FleetFacts
    left: tuple[LateMarks, ...] = ()
    also: tuple[Delete, ...] = ()


class RunContext(Struct, dict=True):
    """One run of one plan. `facts` are replaced after each step; `eyes` has a watch for each cluster.

    `parallelism` is how many writes one cluster gets at once, at most; `swept` is when all clusters were last gone
    through, by our monotonic clock.
    """

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
    parallelism: int = PARALLELISM
    halt: Event = field(default_factory=Event)
    lock: RLock = field(default_factory=RLock)
    swept: float = float("-inf")

    def count_writes(self, identity: str, writes: int = 1) -> None:
        with self.lock:
            self.written[identity] += writes

    def begin_step(self, step: str, actions: int) -> None:
        """Tell the user interface that a step begins, with so many actions of it remaining."""
        steps, watched = self.plan.steps, sum(len(eyes.watched) for eyes in self.eyes.values())
        about = StepBegun(step, self.playbook.why(step), actions, steps.index(step) + 1, len(steps), watched)
        self.report.begin(about)

    def end_actions(self, actions: Sequence[Action], outcome: str) -> None:
        """Note in the journal that these actions have ended, and count them for the user interface."""
        self.journal.end_actions(actions, outcome)
        self.report.ended(len(actions))

    def leave_behind(self, identity: str, error: ResetError) -> None:
        """Go on without a member. Raises the error itself for the host, for Halted, and for any error not in LEAVES."""
        if identity == self.facts.host.identity or not isinstance(error, LEAVES) or isinstance(error, Halted):
            self.halt.set()
            raise error
        with self.lock:
            if identity not in self.lost:
                self.lost[identity] = error
                self.journal.note_event("left behind", cluster=identity, why=str(error))
                self.report.left(self.cluster_facts(identity).name, str(error))

    def is_whole(self, identity: str, age: float) -> bool:
        """Whether all types of a cluster were read at most `age` seconds ago."""
        return time.monotonic() - self._whole.get(identity, float("-inf")) <= age

    def note_whole(self, identity: str) -> None:
        """All types of a cluster were read just now."""
        self._whole[identity] = time.monotonic()

    @cached_property
    def _whole(self) -> dict[str, float]:
        return {}

    def window_of(self, identity: str) -> Window:
        """How many writes a cluster gets at once, for the whole run."""
        with self.lock:
            return self._windows.setdefault(identity, Window(self.parallelism))

    @cached_property
    def _windows(self) -> dict[str, Window]:
        return {}

    def remaining_in(self, step: str) -> list[Action]:
        """The remaining actions of a step, in the order of the plan; none of members left behind."""
        actions = [*self._remaining_writes(), *unwatched_actions(self.plan, self.journal)]
        mine = [a for a in actions if a.step == step and a.cluster not in self.lost]
        return sorted(mine, key=lambda a: self._order.get(a.id, len(self._order)))

    def _remaining_writes(self) -> list[Action]:
        """The remaining actions of all steps, computed once for the same facts."""
        facts, remaining = self._remaining
        if facts is not self.facts:
            facts, fresh = self.facts, planning.make_plan(self.playbook, self.facts, self.plan.options)
            found = remaining_actions(self.plan, fresh, facts, self.journal)
            remaining = [action for action in found if not isinstance(action, Lasting)]
            self._remaining = facts, remaining
        return remaining

    @cached_property
    def _remaining(self) -> tuple[FleetFacts | None, list[Action]]:
        return None, []

    @cached_property
    def _order(self) -> dict[str, int]:
        """The place of each action in the plan, by its id."""
        return {action.id: index for index, action in enumerate(self.plan.actions)}

    def teller_of(self, identity: str) -> Callable[[str], None]:
        """A callback for waits on one cluster: it reports progress and checks the watches of all clusters.

        The callback raises StabilityLost for a loss, Halted if another lane has stopped the run.
        """

        def tell(text: str) -> None:
            self.report.beat(text, self.cluster_facts(identity).name)
            self.watch_clusters(identity)

        return tell

    def watch_clusters(self, identity: str) -> None:
        """Check every cluster on behalf of one. Raises errors of this one and of the host; others are left behind.

        All are checked before the worst error is raised: a loss on one may not hide behind the lock of another. The
        two are checked each second, all others every few seconds and without waiting for another thread: no run lock
        may expire while a lane waits for its turn. The others are gone through once a second, not at each write.
        """
        if self.halt.is_set():
            raise Halted("Another cluster has stopped the run.")
        host, errors = self.facts.host.identity, []
        for each in self._clusters_due(identity, host):
            if each not in self.lost and each in self.eyes:
                try:
                    self._check_one(each, self.eyes[each], own=each == identity, near=each in (identity, host))
                except ResetError as error:
                    errors.append(error)
        raise_worst(errors)

    def _clusters_due(self, *near: str) -> Iterable[str]:
        """These clusters, and once a second all clusters, in the thread that asks first."""
        with self.lock:
            if time.monotonic() - self.swept < OWN:
                return dict.fromkeys(near)
            self.swept = time.monotonic()
        return self.eyes

    def watch_to_the_end(self) -> None:
        """Check every cluster once more after the last write. Raises as `watch_clusters`."""
        errors = []
        for identity, eyes in self.eyes.items():
            try:
                self._check_last(identity, eyes)
            except ResetError as error:
                errors.append(error)
        raise_worst(errors)

    def _check_last(self, identity: str, eyes: ClusterWatch) -> None:
        try:
            if identity not in self.lost:
                eyes.check_cluster()
        except ResetError as error:
            self.leave_behind(identity, error)

    def _check_one(self, identity: str, eyes: ClusterWatch, *, own: bool, near: bool) -> None:
        try:
            eyes.check_cluster(OWN if near else OTHERS, wait=own)
        except ResetError as error:
            if near:
                raise
            self.leave_behind(identity, error)

    def guard_context(self, action: Action, age: float = 0.0) -> GuardContext:
        """The facts for the guards, read at most `age` seconds ago: the action's cluster, and the host's controllers.

        Raises Halted if another lane has stopped the run, and as `watch_clusters`.
        """
        self.watch_clusters(action.cluster)
        own, host = self.eyes[action.cluster], self.eyes[self.facts.host.identity]
        others = () if own is host else host.restarted_controllers(age=max(age, OWN))
        restarted = own.restarted_controllers(age) + others
        restarted = restarted and self._against_plan(action, restarted)
        return own.guard_context(action, self.cluster_facts(action.cluster), restarted, age)

    def _against_plan(self, action: Action, running: tuple[str, ...]) -> tuple[str, ...]:
        """Those that ought to be stopped: none before the step that stops them, nor one that the plan has started."""
        steps, scales = self._steps_and_scales
        stop = next((each.step for each in scales if not each.replicas), "")
        at = steps.index(action.step) if action.step in steps else len(steps)
        if stop in steps and at < steps.index(stop):
            return ()
        started = {each.target for each in scales if each.replicas and steps.index(each.step) < at}
        return tuple(title for title in running if title not in started)

    @cached_property
    def _steps_and_scales(self) -> tuple[list[str], list[Scale]]:
        """The steps of the plan's actions in order, each once, and what it scales."""
        steps = list(dict.fromkeys(each.step for each in self.plan.actions))
        return steps, [each for each in self.plan.actions if isinstance(each, Scale)]

    def cluster_facts(self, identity: str) -> ClusterFacts:
        facts = self.facts.cluster(identity)
        assert facts is not None, "preflight read every cluster of the plan"
        return facts


def unwatched_actions(plan: Plan, journal: Journal) -> list[Action]:
    """The waits and watches of a plan without an end in the journal."""
    ended = journal.ended_actions()
    return [a for a in plan.actions if isinstance(a, Lasting) and a.id not in ended]
