"""The loop: per step, facts afresh, what is still needed, guards, journal, one request each, and wait until it is so.

Started again after anything, it continues. The only caller of writes.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from itertools import groupby

from msgspec import structs

from ks_reset import facts as reading
from ks_reset import seatbelt
from ks_reset.apply.context import LASTING, Progress, RunContext, RunResult, unwatched
from ks_reset.apply.keys import Credentials, unsaid
from ks_reset.apply.parallel import at_once, in_lanes
from ks_reset.apply.preflight import preflight
from ks_reset.apply.refresh import reread, seal
from ks_reset.apply.remaining import needed
from ks_reset.apply.wait import quiet, ready, workspaces
from ks_reset.apply.wait.stable import steady
from ks_reset.apply.watch.cluster import ClusterWatch
from ks_reset.apply.write import chart
from ks_reset.apply.write import seatbelt as seatbelt_writes
from ks_reset.apply.write.action import SENT, act, pending, settled
from ks_reset.cluster import Client, until
from ks_reset.errors import Refused, Retry, Stale, Stopped, Unknown, Usage
from ks_reset.facts import Clients
from ks_reset.journal import Journal
from ks_reset.local import me
from ks_reset.model import Action, ClusterFacts, FleetFacts, Plan, Verb
from ks_reset.plan import make as planning
from ks_reset.plan.playbook import Playbook
from ks_reset.simulation import State
from ks_reset.tenancy import canary

Tell = Callable[[str], None]
BELT = (Verb.FASTEN, Verb.LOOSEN)


def forward(
    fleet: Clients, plan: Plan, playbook: Playbook, report: Progress, timeout: float, keys: Credentials
) -> RunResult:
    """Apply an approved plan. `timeout` is in seconds, per step.

    Raises Stale, Refused or Unknown before the first write; after it, Stopped for whatever can be continued by
    running the same command again, and Endangered if something that has to stay does not.
    """
    facts = preflight(fleet, plan, playbook, lambda text: report.beat(text, ""))
    fresh = planning.make(playbook, facts, plan.options)
    journal = Journal.of(plan)
    left = needed(plan, fresh, facts)
    for action in left:
        keys.fill(action)  # refuses before the first write what nobody has given
    if not left and not (journal.begun() and unwatched(plan, journal)):
        return RunResult(0, facts)
    if left and journal.finished() and any(action.verb in LASTING for action in plan.actions):
        raise Stale(
            f"This plan of {plan.playbook} was finished, and {left[0].target} is not so any more. What it watched "
            "would not be watched again. Nothing was sent. Make a new plan."
        )
    with journal, _resumable(journal), ExitStack() as stack:
        journal.start(plan)
        if not journal.before.exists():
            reading.save(facts, journal.before)
        eyes = {w.identity: stack.enter_context(_eyes(fleet, plan, journal, facts, w)) for w in facts.clusters}
        run = RunContext(fleet, plan, playbook, journal, report, timeout, facts, eyes, keys)
        for identity, each in eyes.items():
            each.hold(journal.held(identity))
        for step in plan.steps:
            _step(run, step)
        _all_done(run)
        journal.note("done", writes=run.written.total())
    return RunResult(run.written.total(), run.facts)


def _eyes(fleet: Clients, plan: Plan, journal: Journal, facts: FleetFacts, world: ClusterFacts) -> ClusterWatch:
    return ClusterWatch(fleet.cluster(world.identity), plan, journal.holder, State.of(facts), world)


@contextmanager
def _resumable(journal: Journal) -> Iterator[None]:
    """Note how a run ended early; a lost connection in the middle is resumable, whatever it was before the start."""
    try:
        yield
    except (Retry, Unknown, Usage) as error:
        _note(journal, str(error))
        why = str(error).rstrip(".")
        raise Stopped(f"{why}. The run stopped in good order; run the same command again to continue.") from error
    except BaseException as error:
        _note(journal, f"{type(error).__name__}: {error}")
        raise


def _note(journal: Journal, why: str) -> None:
    with suppress(Stopped):  # a journal that cannot be written is what stopped the run, and is said
        journal.note("stopped", why=why)


def _step(run: RunContext, step: str) -> None:
    todo = run.todo(step)
    run.report.begin(step, run.playbook.why(step), len(todo))
    before = run.written.copy()
    if todo and all(action.verb in (Verb.STEADY, Verb.READY) for action in todo):
        at_once(run, {i: partial(_lasts, run, i, mine) for i, mine in _by_cluster(run, todo).items()})
    elif any(action.verb is Verb.QUIET for action in todo):
        at_once(run, {i: partial(_prove, run, i, mine) for i, mine in _by_cluster(run, todo).items()})
        seal(run)
    elif todo:
        reread(run, todo)
        in_lanes(run, [a for a in todo if a.cluster not in run.lost], partial(_on_cluster, run))
        reread(run, todo)
        _must_be_done(run, step)
    run.report.done(step, {run.world(each).name: count for each, count in (run.written - before).items()})


def _by_cluster(run: RunContext, todo: list[Action]) -> dict[str, list[Action]]:
    mine = {identity: [a for a in todo if a.cluster == identity] for identity in run.eyes}
    return {identity: actions for identity, actions in mine.items() if actions}


def _all_done(run: RunContext) -> None:
    """Raises Stopped if a member was left behind."""
    if run.lost:
        why = {run.world(identity).name: str(error).rstrip(".") for identity, error in run.lost.items()}
        left = "; ".join(f"{name}: {text}" for name, text in why.items())
        raise Stopped(f"Not all clusters are done. Left behind: {left}. The others are finished.")


def _prove(run: RunContext, identity: str, actions: list[Action]) -> None:
    cluster = run.fleet.cluster(identity)
    patience = max(run.timeout, 2 * max(action.seconds for action in actions))
    proven = quiet.prove([(cluster, a) for a in actions], run.journal.quiet(), patience, run.teller(identity))
    run.journal.note("quiet", locks=proven)


def _on_cluster(run: RunContext, identity: str, actions: list[Action]) -> None:
    for lasting, part in groupby(actions, lambda a: a.verb in LASTING):
        (_lasts if lasting else _write)(run, identity, list(part))


def _write(run: RunContext, identity: str, actions: list[Action]) -> None:
    cluster, eyes, tell = run.fleet.cluster(identity), run.eyes[identity], run.teller(identity)
    sent = []
    for action in actions:
        if action.verb in BELT:
            run.count(identity, _belt(run, cluster, action, tell))
            eyes.open()
        elif action.verb is Verb.INSTALL:
            chart.install(run, action, tell)
        elif action.writes:
            run.report.beat(f"{action.verb} {action.target}", run.world(identity).name)
            if action.verb is Verb.DELETE:
                eyes.release(action)
            whole = structs.replace(action, body=run.keys.fill(action)) if action.sealed else action
            with unsaid(action, whole):
                if act(cluster, whole, run.site, run.journal, min(run.timeout, 60)) == SENT:
                    run.count(identity)
            sent.append(action)
    for action in sent:
        _wait(run, action, tell)


def _lasts(run: RunContext, identity: str, actions: list[Action]) -> None:
    cluster, tell = run.fleet.cluster(identity), run.teller(identity)
    if still := [a for a in actions if a.verb is Verb.STEADY]:
        steady(cluster, run.eyes[identity], still, run.journal, run.timeout, tell)
    up = [a for a in actions if a.verb is Verb.READY]
    if deployed := [a for a in up if not a.reaches]:
        ready.installed(cluster, deployed, run.timeout, tell)
    if led := [a for a in up if a.reaches]:
        ready.joined(cluster, led, run.timeout, tell)
    for action in actions:
        if action.verb is Verb.WATCH:
            workspaces.watch(cluster, action, run.facts, run.timeout, tell)
        run.journal.end(action, "watched")


def _belt(run: RunContext, cluster: Client, action: Action, tell: Tell) -> int:
    """Put the seatbelt on, or take off the one that this playbook put on."""
    world, plan = run.world(action.cluster), run.plan
    tell(f"{action.verb} {action.target}")
    run.journal.begin(action, {})
    found = seatbelt.found(world)
    if action.verb is Verb.FASTEN:
        spared = found.spared if found else _canaries(plan)
        parts = seatbelt.parts(world, *seatbelt.owner(found, plan.playbook, me()), spared)
        writes = seatbelt_writes.fasten(cluster, parts, run.timeout, tell)
    else:
        writes = seatbelt_writes.loosen(cluster, found) if found and found.run == plan.playbook else 0
    run.journal.end(action, "done")
    return writes


def _canaries(plan: Plan) -> tuple[str, ...]:
    """What the seatbelt has to let die: it would tell nothing otherwise."""
    return tuple(sorted({a.name for a in plan.actions if a.verb is Verb.CREATE and a.kind == canary.NAMESPACE}))


def _wait(run: RunContext, action: Action, tell: Tell) -> None:
    cluster = run.fleet.cluster(action.cluster)
    state = State.of(run.facts)
    looks = 0

    def done() -> bool:
        nonlocal looks
        looks += 1
        if settled(cluster, action):
            return True
        reason = f": {pending(cluster, action, state)}" if looks > 3 else ""
        tell(f"waiting for {action.verb} of {action.target}{reason}")
        return False

    if not until(done, run.timeout):
        reason = pending(cluster, action, state)
        raise Stopped(
            f"{action.verb} {action.target} on {cluster.context} is not finished after {run.timeout:.0f} s: {reason}. "
            "Nothing was forced. See to the cause, then run the same command again."
        )
    run.journal.end(action, "done")


def _must_be_done(run: RunContext, step: str) -> None:
    left = [a for a in run.todo(step) if a.writes]
    if left:
        raise Refused(
            f"The step {step} was done, and {left[0].target} asks for it again: something still writes to it. "
            "The run stopped. Find what writes (kubectl get --show-managed-fields), then run the same command again."
        )
