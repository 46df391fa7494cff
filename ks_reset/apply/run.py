"""The loop: per step, facts afresh, what is still needed, guards, journal, one request each, and wait until it is so.

Started again after anything, it continues. The only caller of writes.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import groupby
from operator import attrgetter

from msgspec import Struct, structs

from ks_reset import facts as reading
from ks_reset import plan as planning
from ks_reset import protect
from ks_reset.apply import belt, quiet, watch
from ks_reset.apply.act import SENT, act, pending, settled
from ks_reset.apply.eyes import Eyes
from ks_reset.apply.needed import needed
from ks_reset.apply.preflight import preflight
from ks_reset.cluster import Cluster, until
from ks_reset.errors import Refused, Retry, Stopped, Unknown, Usage
from ks_reset.facts import Fleet
from ks_reset.journal import Journal
from ks_reset.model import Action, Facts, Plan, Verb, World
from ks_reset.playbook import Playbook
from ks_reset.world import State

BELT = (Verb.FASTEN, Verb.LOOSEN)


class Reporter(Struct, frozen=True):
    """How progress is told: a step begins, a line that may be overwritten, a step is done with so many writes."""

    begin: Callable[[str, str, int], None]
    beat: Callable[[str], None]
    done: Callable[[str, int], None]


class Report(Struct, frozen=True):
    """How many requests that write were sent, and the facts as they were last read."""

    writes: int
    facts: Facts


class Run(Struct):
    """One application of one plan. `facts` moves on as things are read again; `eyes` watch over each cluster."""

    fleet: Fleet
    plan: Plan
    playbook: Playbook
    journal: Journal
    report: Reporter
    timeout: float
    facts: Facts
    eyes: dict[str, Eyes]
    writes: int = 0

    def todo(self, step: str) -> list[Action]:
        fresh = planning.make(self.playbook, self.facts, self.plan.options)
        writes = [a for a in needed(self.plan, fresh) if a.step == step and a.verb is not Verb.WATCH]
        return writes + [a for a in _unwatched(self.plan, self.journal) if a.step == step]

    def tell(self, text: str) -> None:
        """Progress; and as long as anything is waited for, the eyes stay open. Raises Refused if they see a loss."""
        self.report.beat(text)
        for eyes in self.eyes.values():
            eyes.look()

    def world(self, identity: str) -> World:
        found = self.facts.world(identity)
        assert found is not None, "preflight read every cluster of the plan"
        return found


def apply(fleet: Fleet, plan: Plan, playbook: Playbook, report: Reporter, timeout: float = 300.0) -> Report:
    """Apply an approved plan. `timeout` is in seconds, per step.

    Raises Stale, Refused or Unknown before the first write; after it, Stopped for whatever can be continued by
    running the same command again.
    """
    facts = preflight(fleet, plan, playbook, report.beat)
    fresh = planning.make(playbook, facts, plan.options)
    journal = Journal.of(plan)
    if not needed(plan, fresh) and not (journal.begun() and _unwatched(plan, journal)):
        return Report(0, facts)
    with journal, _resumable(journal), ExitStack() as stack:
        journal.start(plan)
        if not journal.before.exists():
            reading.save(facts, journal.before)
        eyes = {w.identity: stack.enter_context(_eyes(fleet, plan, journal, facts, w)) for w in facts.worlds}
        run = Run(fleet, plan, playbook, journal, report, timeout, facts, eyes)
        for step in plan.steps:
            _step(run, step)
        journal.note("done", writes=run.writes)
    return Report(run.writes, run.facts)


def _eyes(fleet: Fleet, plan: Plan, journal: Journal, facts: Facts, world: World) -> Eyes:
    return Eyes(fleet.cluster(world.identity), plan, journal.holder, State.of(facts), world)


@contextmanager
def _resumable(journal: Journal) -> Iterator[None]:
    """Note how a run ended early; a lost connection in the middle is resumable, whatever it was before the start."""
    try:
        yield
    except (Retry, Unknown, Usage) as error:
        _note(journal, str(error))
        raise Stopped(f"{error} The run stopped in good order; run the same command again to continue.") from error
    except BaseException as error:
        _note(journal, f"{type(error).__name__}: {error}")
        raise


def _note(journal: Journal, why: str) -> None:
    with suppress(Stopped):  # a journal that cannot be written is what stopped the run, and is said
        journal.note("stopped", why=why)


def _unwatched(plan: Plan, journal: Journal) -> list[Action]:
    """What is still to be watched: facts cannot tell that something was seen to last, so the journal does."""
    ended = journal.ended()
    return [a for a in plan.actions if a.verb is Verb.WATCH and a.id not in ended]


def _step(run: Run, step: str) -> None:
    todo = run.todo(step)
    run.report.begin(step, run.playbook.why(step), len(todo))
    writes = run.writes
    waits = [(run.fleet.cluster(a.cluster), a) for a in todo if a.verb is Verb.QUIET]
    if waits:
        patience = max(run.timeout, 2 * max(action.seconds for _, action in waits))
        proven = quiet.prove(waits, run.journal.quiet(), patience, run.tell)
        run.journal.note("quiet", locks=proven)
    elif todo:
        _reread(run, todo)
    for identity, group in groupby(todo, attrgetter("cluster")):
        _on_cluster(run, identity, list(group))
    if waits:
        _seal(run)
    elif todo:
        _reread(run, todo)
        _must_be_done(run, step)
    run.report.done(step, run.writes - writes)


def _on_cluster(run: Run, identity: str, actions: list[Action]) -> None:
    cluster, eyes = run.fleet.cluster(identity), run.eyes[identity]
    sent = []
    for action in actions:
        if action.verb in BELT:
            run.writes += _belt(run, cluster, action)
            eyes.open()
        elif action.writes:
            run.report.beat(f"{action.verb} {action.target}")
            if act(cluster, action, lambda: eyes.site(run.world(identity)), run.journal, min(run.timeout, 60)) == SENT:
                run.writes += 1
            sent.append(action)
    for action in sent:
        _wait(run, action)
    for action in (a for a in actions if a.verb is Verb.WATCH):
        watch.watch(cluster, action, run.facts, run.timeout, run.tell)
        run.journal.end(action, "watched")


def _belt(run: Run, cluster: Cluster, action: Action) -> int:
    """Put the seatbelt on, or take off the one that this playbook put on."""
    world, plan = run.world(action.cluster), run.plan
    run.journal.begin(action, {})
    if action.verb is Verb.FASTEN:
        by = run.journal.holder.partition("/")[0]
        writes = belt.fasten(cluster, protect.parts(world, plan.playbook, by), run.timeout, run.report.beat)
    else:
        found = protect.found(world)
        writes = belt.loosen(cluster, found) if found and found.run == plan.playbook else 0
    run.journal.end(action, "done")
    return writes


def _wait(run: Run, action: Action) -> None:
    cluster = run.fleet.cluster(action.cluster)
    state = State.of(run.facts)
    looks = 0

    def done() -> bool:
        nonlocal looks
        looks += 1
        if settled(cluster, action):
            return True
        reason = f": {pending(cluster, action, state)}" if looks > 3 else ""
        run.tell(f"waiting for {action.verb} of {action.target}{reason}")
        return False

    if not until(done, run.timeout):
        reason = pending(cluster, action, state)
        raise Stopped(
            f"{action.verb} {action.target} on {cluster.context} is not finished after {run.timeout:.0f} s: {reason}. "
            "Nothing was forced. See to the cause, then run the same command again."
        )
    run.journal.end(action, "done")


def _seal(run: Run) -> None:
    """Once nothing reacts any more, read everything afresh: this is what bystanders are compared with afterwards."""
    _move_on(run, reading.gather(run.fleet, run.tell))
    if not run.journal.baseline.exists():
        reading.save(run.facts, run.journal.baseline)


def _reread(run: Run, actions: list[Action]) -> None:
    """Read again what these actions change; where something is deleted, everything, since anything may depend on it."""
    worlds = []
    for world in run.facts.worlds:
        mine = [a for a in actions if a.cluster == world.identity]
        keys = {a.kind.key for a in mine if a.verb is not Verb.WATCH} | (set(protect.KINDS) if mine else set())
        if any(a.verb is Verb.DELETE for a in mine):
            run.tell(f"reading {world.name}")
            worlds.append(reading.again(run.fleet.cluster(world.identity), world))
        else:
            worlds.append(reading.refresh(run.fleet.cluster(world.identity), world, keys) if keys else world)
    *members, host = worlds
    _move_on(run, structs.replace(run.facts, host=host, members=tuple(members)))


def _move_on(run: Run, facts: Facts) -> None:
    """Work on with newer facts. Raises Unknown if a list failed: what is not known would look like nothing to do."""
    gaps = [f"{gap.what} of {world.name}: {gap.why}" for world in facts.worlds for gap in world.gaps]
    if gaps:
        raise Unknown(f"{len(gaps)} list(s) could not be read ({gaps[0]}).")
    run.facts = facts


def _must_be_done(run: Run, step: str) -> None:
    left = [a for a in run.todo(step) if a.writes]
    if left:
        raise Refused(
            f"The step {step} was done, and {left[0].target} asks for it again: something still writes to it. "
            "The run stopped. Find what writes (kubectl get --show-managed-fields), then run the same command again."
        )
