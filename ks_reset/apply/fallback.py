"""Apply a plan; and where something that has to stay does not, go the playbook's way back at once, and say why.

The way back is a playbook of its own, and its run has a journal of its own. Nobody is asked: it only takes off ties
that the plan was about to put on, and stops what deletes.
"""

from msgspec import structs

from ks_reset import facts as reading
from ks_reset.apply.context import Progress, RunResult
from ks_reset.apply.run import apply_forward
from ks_reset.apply.watch.objects import StabilityLost
from ks_reset.credentials.fill import Credentials
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
"""Seconds that a step of the way back may wait."""


def apply(
    fleet: Clients,
    plan: Plan,
    playbook: Playbook,
    report: Progress,
    timeout: float = 300.0,
    keys: Credentials = Credentials(),  # noqa: B008
) -> RunResult:
    """Apply an approved plan; raises what `forward` does, Endangered once the way back was gone."""
    try:
        return apply_forward(fleet, plan, playbook, report, timeout, keys)
    except StabilityLost as error:
        if playbook.back:
            raise _apply_fallback(fleet, plan, playbook.back, report, error) from error
        raise


def _apply_fallback(fleet: Clients, plan: Plan, name: str, report: Progress, danger: StabilityLost) -> StabilityLost:
    """What can be reached is unbound, whatever else is silent."""
    back = playbooks.load(name)
    try:
        facts = reading.gather(fleet, lambda text: report.beat(text, ""))
        chain = _explain_chain(facts, danger)
        there = Clients(fleet.host, {w.name: fleet.members[w.name] for w in facts.members})
        made = planning.make(back, structs.replace(facts, missing=()), plan.options)
        done = apply_forward(there, made, back, report, PATIENCE, Credentials())
    except ResetError as error:
        return StabilityLost(f"{danger} The way back was not gone to its end: {error} Now: ks-reset plan {name}.")
    unbound = sum(isinstance(action, RemoveMarks) for action in made.actions)
    stopped = ", kubefed stopped" if RECORD in facts.host.kinds else ""
    left = ", ".join(member.name for member in facts.missing)
    silent = f" Not reached, and still bound there: {left}: ks-reset plan {name} when it answers." if left else ""
    return StabilityLost(
        f"{danger} The run stopped at once and went back: {unbound} namespace(s) unbound{stopped}, "
        f"{done.writes} write(s) in all.{silent} The seatbelt stays on. See to the cause with ks-reset doctor, take it "
        f"off with ks-reset protect off --force, and make a new plan. {chain}"
    )


def _explain_chain(facts: FleetFacts, danger: StabilityLost) -> str:
    """Why that object goes, as things stand, also if it is gone at this very moment: what flaps is made again."""
    if danger.obj is None:
        return ""
    state, seen = State.of(facts), thing(danger.cluster, danger.obj)
    state = state if seen.id in state.things else state.put([(seen.id, seen)])
    return why_lost(state, danger.cluster, danger.obj.name, danger.obj.kind.key)
