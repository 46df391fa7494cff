"""Apply a plan. If a watched object is lost, apply the playbook's fallback at once, without asking.

The fallback is a playbook with a journal of its own. It only removes ties added by the plan, and stops kubefed.
"""

from msgspec import structs

from ks_reset import facts as reading
from ks_reset.apply.context import Progress, RunResult
from ks_reset.apply.keys import Credentials
from ks_reset.apply.run import apply_forward
from ks_reset.apply.watch.objects import StabilityLost
from ks_reset.errors import ResetError
from ks_reset.facts import Clients
from ks_reset.facts.federation import RECORD
from ks_reset.model import FleetFacts, Plan, RemoveMarks
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.plan.playbook import Playbook
from ks_reset.simulation import State, why_lost
from ks_reset.simulation.objects import thing

PATIENCE = 60.0
"""Seconds for each step of the fallback."""


def apply(
    fleet: Clients,
    plan: Plan,
    playbook: Playbook,
    report: Progress,
    timeout: float = 300.0,
    keys: Credentials = Credentials(),  # noqa: B008
) -> RunResult:
    """Apply an approved plan. Raises as `apply_forward`; StabilityLost after the fallback was applied."""
    try:
        return apply_forward(fleet, plan, playbook, report, timeout, keys)
    except StabilityLost as error:
        if playbook.back:
            raise _apply_fallback(fleet, plan, playbook.back, report, error) from error
        raise


def _apply_fallback(fleet: Clients, plan: Plan, name: str, report: Progress, danger: StabilityLost) -> StabilityLost:
    """The error to raise after the fallback was applied to every answering cluster."""
    back = playbooks.load(name)
    try:
        facts = reading.gather(fleet, lambda text: report.beat(text, ""))
        chain = _explain_chain(facts, danger)
        reachable = Clients(fleet.host, {w.name: fleet.members[w.name] for w in facts.members})
        plan_back = planning.make(back, structs.replace(facts, missing=()), plan.options)
        result = apply_forward(reachable, plan_back, back, report, PATIENCE, Credentials())
    except ResetError as error:
        return StabilityLost(f"{danger} The fallback did not finish: {error} Now: ks-reset plan {name}.")
    unbound = sum(isinstance(action, RemoveMarks) for action in plan_back.actions)
    stopped = ", kubefed stopped" if RECORD in facts.host.kinds else ""
    unreached = ", ".join(member.name for member in facts.missing)
    silent = f" Not reached and still bound: {unreached}. When it answers: ks-reset plan {name}." if unreached else ""
    return StabilityLost(
        f"{danger} The run stopped at once and {name} was applied: {unbound} namespace(s) unbound{stopped}, "
        f"{result.writes} write(s) in all.{silent} The seatbelt stays on. Find the cause with ks-reset doctor, take "
        f"the seatbelt off with ks-reset protect off --force, and make a new plan. {chain}"
    )


def _explain_chain(facts: FleetFacts, danger: StabilityLost) -> str:
    """The chain of causes of the loss. The object is put into the state if it is absent now: a flapping one returns."""
    if danger.obj is None:
        return ""
    state, seen = State.of(facts), thing(danger.cluster, danger.obj)
    state = state if seen.id in state.things else state.put([(seen.id, seen)])
    return why_lost(state, danger.cluster, danger.obj.name, danger.obj.kind.key)
