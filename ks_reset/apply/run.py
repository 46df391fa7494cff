"""The loop over the steps of a plan: fresh facts, remaining actions, guards, journal, one request each, wait.

Started again after any interruption, it continues.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from itertools import groupby

from ks_reset import facts as reading
from ks_reset.apply.approved_marks import late_deletions, late_marks
from ks_reset.apply.carry_out import carry_out
from ks_reset.apply.context import PARALLELISM, RunContext, RunResult, unwatched_actions
from ks_reset.apply.originals import save_originals
from ks_reset.apply.parallel import at_once, in_lanes
from ks_reset.apply.preflight import preflight, recheck
from ks_reset.apply.progress import Progress
from ks_reset.apply.refresh import read_before, read_everything, remaining_in, reread_touched, save_baseline
from ks_reset.apply.remaining import sent_actions
from ks_reset.apply.watch.cluster import ClusterWatch
from ks_reset.apply.watch.objects import StabilityLost
from ks_reset.apply.watch.run_lock import RunLock
from ks_reset.apply.write.seatbelt import refuse_losses_by_taking_off
from ks_reset.credentials.digests import Scalar, noting_originals
from ks_reset.credentials.fill import Credentials
from ks_reset.errors import SAME_CALL, Exit, Forbidden, Refused, ResetError, Retry, Stale, Stopped, Unknown, Usage
from ks_reset.facts import Clients
from ks_reset.journal import Journal
from ks_reset.model import (
    Action,
    Approval,
    ClusterFacts,
    Create,
    FleetFacts,
    InstallChart,
    Lasting,
    Plan,
    SeatbeltOff,
    WaitQuiet,
    WaitReady,
    WaitStable,
    actions_by_cluster,
)
from ks_reset.plan import make as planning
from ks_reset.plan.again import command_again
from ks_reset.plan.playbook import Playbook
from ks_reset.simulation import State, state_of
from ks_reset.steps.apis import MEND_APIS
from ks_reset.steps.controllers import PROVE_QUIET
from ks_reset.steps.federation import PROVE_PAUSED


def apply_forward(
    fleet: Clients,
    plan: Plan,
    playbook: Playbook,
    report: Progress,
    timeout: float,
    keys: Credentials,
    parallelism: int = PARALLELISM,
    approval: Approval | None = None,
) -> RunResult:
    """Apply an approved plan. `timeout` is in seconds, per step, `parallelism` the writes that a cluster gets at once.

    Raises Stale, Refused or Unknown before the first write. After it, raises Stopped if the same command continues the
    run, StabilityLost if a watched object was deleted or recreated.
    """
    journal, seen = Journal.of_plan(plan), dict[str, Scalar]()
    journal.require_unchanged()
    fleet.name_run(plan.digest[:16])
    with noting_originals(seen):
        facts, remaining = preflight(fleet, plan, playbook, lambda text: report.beat(text, ""))
    for made in [action for action in remaining if isinstance(action, Create | InstallChart)]:
        keys.fill(made)  # refuse missing credentials before the first write
    if not remaining and _is_over(plan, journal):
        _release_left_locks(fleet, facts, journal)
        return RunResult(0, facts, tuple(late_marks(plan, planning.make_plan(playbook, facts, plan.options))))
    if remaining and journal.is_finished() and any(isinstance(action, Lasting) for action in plan.actions):
        raise Stale(
            f"This plan of {plan.playbook} was finished, and {remaining[0].target} has changed since. What the plan "
            f"watched would not be watched again. Nothing was sent. Make a new plan: {command_again(plan)}."
        )
    with journal, _noting_early_end(journal), ExitStack() as stack:
        journal.start_run(plan, approval, report.call)
        if not journal.before.exists():
            save_originals(journal.folder, plan, facts, seen)
            reading.save_snapshot(facts, journal.before)
        seen.clear()
        state = state_of(facts)
        eyes = {w.identity: stack.enter_context(_watch_over(fleet, plan, journal, state, w)) for w in facts.clusters}
        run = RunContext(fleet, plan, playbook, journal, report, timeout, facts, eyes, keys, parallelism=parallelism)
        _resume_watches(plan, journal, eyes)
        for step in plan.steps:
            _run_step(run, step)
        _require_good_end(run)
        left = tuple(late_marks(plan, planning.make_plan(playbook, run.facts, plan.options)))
        if left:
            journal.note_event("left marks", objects=left)
        journal.note_event("done", writes=run.written.total())
    return RunResult(run.written.total(), run.facts, left, tuple(late_deletions(plan, sent_actions(journal))))


PROOFS = (PROVE_QUIET.name, PROVE_PAUSED.name)
"""The steps after which the baseline is saved, also if no controller is there whose quiet is to be proven."""


def _is_over(plan: Plan, journal: Journal) -> bool:
    """Whether no run of this plan was begun here, or one is done with all its watches."""
    return not journal.is_begun() or (journal.is_finished() and not unwatched_actions(plan, journal))


def _release_left_locks(fleet: Clients, facts: FleetFacts, journal: Journal) -> None:
    """Release the locks of a run killed after its last entry, unless another process has the journal.

    A cluster without an answer keeps its lock until it runs out.
    """
    if not journal.is_begun():
        return
    with suppress(ResetError), journal:
        for world in facts.clusters:
            with suppress(ResetError):
                RunLock(fleet.cluster(world.identity), journal.holder).release_lock()


def _watch_over(fleet: Clients, plan: Plan, journal: Journal, state: State, world: ClusterFacts) -> ClusterWatch:
    return ClusterWatch(fleet.cluster(world.identity), plan, journal.holder, state, world)


def _resume_watches(plan: Plan, journal: Journal, watches: Mapping[str, ClusterWatch]) -> None:
    """Watch what earlier runs of the plan watched, too. Raises StabilityLost for a loss since."""
    held, watched = journal.held_objects(), journal.watched_namespaces()
    for identity, eyes in watches.items():
        eyes.hold_objects(held.get(identity, []))
        try:
            eyes.resume_watch(watched.get(identity, {}))
        except StabilityLost as error:
            raise StabilityLost(
                f"{error} An earlier run of this plan watched it. If it was deleted on purpose since, make a new plan: "
                f"{command_again(plan)}.",
                error.cluster,
                error.obj,
            ) from error
        if eyes.watched:
            journal.note_watched(identity, eyes.watched)


@contextmanager
def _noting_early_end(journal: Journal) -> Iterator[None]:
    """Note in the journal how a run ended early. A lost connection raises Stopped: the run can be continued.

    Raises Refused for a missing permission and for a denial: the same command alone would end like this again.
    """
    try:
        yield
    except Forbidden as error:
        _note_stop(journal, str(error), Exit.REFUSED)
        raise Refused(_with_way_on(str(error))) from error
    except (Retry, Unknown, Usage) as error:
        _note_stop(journal, str(error), Exit.RESUMABLE)
        why = str(error).rstrip(".")
        stopped = Stopped(f"{why}. The run stopped in good order; run the same command again to continue.")
        stopped.corrections = tuple(each for each in error.corrections if each != SAME_CALL)
        raise stopped from error
    except BaseException as error:
        _note_stop(journal, f"{type(error).__name__}: {error}", _exit_of(error))
        raise


def _with_way_on(refusal: str) -> str:
    return f"{refusal} The run stopped in good order. When this is settled, run the same command again to continue."


def _note_stop(journal: Journal, why: str, code: Exit) -> None:
    with suppress(Stopped):  # an unwritable journal has stopped the run itself
        journal.note_event("stopped", why=why, exit=int(code))


def _exit_of(error: BaseException) -> Exit:
    if isinstance(error, ResetError):
        return error.exit
    return Exit.INTERRUPTED if isinstance(error, KeyboardInterrupt) else Exit.ERROR


def _run_step(run: RunContext, step: str) -> None:
    todo = remaining_in(run, step)
    run.begin_step(step, len(todo))
    before, unread = run.written.copy(), any(cluster.gaps for cluster in run.facts.clusters)
    if todo and all(isinstance(action, WaitQuiet | WaitReady | WaitStable) for action in todo):
        at_once(run, {i: partial(_carry_out_in_order, run, i, mine) for i, mine in _by_cluster(run, todo).items()})
        if any(isinstance(action, WaitQuiet) for action in todo):
            save_baseline(run)
    elif todo:
        read_before(run, todo)
        if off := [action for action in todo if isinstance(action, SeatbeltOff)]:
            refuse_losses_by_taking_off(run, off)
        in_lanes(run, [a for a in todo if a.cluster not in run.lost], partial(_carry_out_in_order, run))
        reread_touched(run, todo)
        _require_step_done(run, step)
        if unread and step == MEND_APIS.name:
            recheck(run.plan, run.playbook, run.facts)
    elif step in PROOFS and not run.journal.baseline.exists() and not _has_gone_beyond(run, step):
        save_baseline(run)
    run.report.done(step, {run.cluster_facts(each).name: count for each, count in (run.written - before).items()})


def _has_gone_beyond(run: RunContext, step: str) -> bool:
    """Whether a request of a later step was sent in any run of the plan: no baseline of now has its effects."""
    later = run.plan.steps[run.plan.steps.index(step) + 1 :]
    return any(action.step in later for action in sent_actions(run.journal))


def _by_cluster(run: RunContext, todo: list[Action]) -> dict[str, list[Action]]:
    mine = actions_by_cluster(todo)
    return {identity: mine[identity] for identity in run.eyes if identity in mine}


def _require_good_end(run: RunContext) -> None:
    """Look at every cluster once more. Raises StabilityLost for a loss, else as `_require_all_done`."""
    run.watch_to_the_end()
    _require_all_done(run)


def _require_all_done(run: RunContext) -> None:
    """Raises Stopped if a member was left behind, Refused if its API server refuses, until somebody changes that."""
    if run.lost:
        why = {run.cluster_facts(identity).name: str(error).rstrip(".") for identity, error in run.lost.items()}
        reasons = "; ".join(f"{name}: {text}" for name, text in why.items())
        text = f"Not all clusters are done. Left behind: {reasons}. The others are finished."
        if any(isinstance(error, Forbidden) for error in run.lost.values()):
            raise Refused(_with_way_on(text))
        raise Stopped(f"{text} Once each of these answers, run the same command again to continue.")


def _carry_out_in_order(run: RunContext, _: str, actions: list[Action]) -> None:
    """Carry out the actions of one cluster. The effect of one verb is seen before the next verb of the step."""
    for _verb, group in groupby(actions, type):
        carry_out(run, list(group))


def _require_step_done(run: RunContext, step: str) -> None:
    remaining = [a for a in remaining_in(run, step) if a.writes]
    if remaining:  # what another type says may be older
        read_everything(run)
        remaining = [a for a in run.remaining_in(step) if a.writes]
    if remaining:
        raise Refused(
            f"The step {step} was done, and {remaining[0].target} needs it again: another client still writes to it. "
            "The run stopped. Find that client (kubectl get --show-managed-fields), then run the same command again."
        )
