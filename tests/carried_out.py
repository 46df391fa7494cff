"""The facts after a plan, by the simulation."""

from ks_reset.model import FleetFacts, Plan
from ks_reset.simulation import State
from ks_reset.simulation.actions import apply_action
from ks_reset.simulation.reading import facts_of
from ks_reset.simulation.run import run_controllers


def facts_after(plan: Plan, known: FleetFacts) -> FleetFacts:
    """The facts after each action of a plan and all that controllers do then."""
    state = State.of(known)
    for action in plan.actions:
        state = run_controllers(apply_action(state, action)[0]).after
    return facts_of(state)
