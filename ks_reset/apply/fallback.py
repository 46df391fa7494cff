"""Apply a plan. If a watched object is lost, apply the playbook's fallback at once, without asking.

The fallback is a playbook with a journal of its own. It only removes ties added by the plan, and stops kubefed.
"""

from msgspec import structs

from ks_reset import facts as reading
from ks_reset.apply.context import PARALLELISM, RunResult
from ks_reset.apply.progress import Progress
from ks_reset.apply.run import apply_forward
from ks_reset.apply.watch.objects import StabilityLost
from ks_reset.catalogue.names import KUBEFED_CLUSTER_KEY
from ks_reset.credentials.fill import Credentials
from ks_reset.errors import ResetError
from ks_reset.facts import Clients
from ks_reset.model import Approval, FleetFacts, Plan, RemoveMarks
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.plan.again import command_again
from ks_reset.plan.playbook import Playbook
from ks_reset.simulation import State, explain_loss
from ks_reset.simulation.objects import to_sim_object

PATIENCE = 60.0
"""Seconds for each step of the fallback."""
HOW_APPROVED = "at once, as the fallback"
"""How the approval of a fallback begins, in the journal."""


def apply_with_fallback(
    fleet: Clients,
    plan: Plan,
    playbook: Playbook,
    report: Progress,
    timeout: float = 300.0,
    keys: Credentials = Credentials(),  # noqa: B008
    parallelism: int = PARALLELISM,
    approval: Approval | None = None,
) -> RunResult:
    """Apply an approved plan. Raises as `apply_forward`; StabilityLost after the fallback was applied."""
    try:
        return apply_forward(fleet, plan, playbook, report, timeout, keys, parallelism, approval)
    except StabilityLost as error:
        if playbook.back:
            raise _apply_fallback(fleet, plan, playbook.back, report, error, approval) from error
        raise


def _apply_fallback(
    fleet: Clients, plan: Plan, name: str, report: Progress, danger: StabilityLost, approval: Approval | None
) -> StabilityLost:
    """The error to raise after the fallback was applied to every answering cluster."""
    back, again = playbooks.load_playbook(name), f"ks-reset plan {name} --out {name}.json"
    try:
        facts = reading.read_fleet(fleet, lambda text: report.beat(text, ""))
        chain = _explain_chain(facts, danger)
        there = Clients(fleet.host, {w.name: fleet.members[w.name] for w in facts.members})
        made = planning.make_plan(back, structs.replace(facts, missing=()), plan.options)
        how = f"{HOW_APPROVED} of the plan {plan.digest}"
        along = approval and structs.replace(approval, how=f"{how}, approved by: {approval.how}")
        done = apply_forward(there, made, back, report, PATIENCE, Credentials(), approval=along)
    except ResetError as error:
        return StabilityLost(f"{danger} The fallback did not finish: {error} Now: {again}.")
    unbound = sum(isinstance(action, RemoveMarks) for action in made.actions)
    stopped = ", kubefed stopped" if KUBEFED_CLUSTER_KEY in facts.host.kinds else ""
    left = ", ".join(member.name for member in facts.missing)
    silent = f" Not reached, and still bound there: {left}. When it answers: {again}." if left else ""
    return StabilityLost(
        f"{danger} The run stopped at once and {name} was applied: {unbound} namespace(s) unbound{stopped}, "
        f"{done.writes} write(s) in all.{silent} The seatbelt stays on. Find the cause with ks-reset doctor, take the "
        f"seatbelt off with ks-reset protect off --force, and make a new plan: {command_again(plan)}. {chain}"
    )


def _explain_chain(facts: FleetFacts, danger: StabilityLost) -> str:
    """The chain of causes of the loss. The object is put into the state if it is absent now: a flapping one returns."""
    if danger.obj is None:
        return ""
    state, seen = State.of(facts), to_sim_object(danger.cluster, danger.obj)
    state = state if seen.id in state.objects else state.with_changes([(seen.id, seen)])
    return explain_loss(state, danger.cluster, danger.obj.name, danger.obj.kind.key)
