"""The consequences of a plan: step by step, every controller runs until nothing changes any more."""

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter

from msgspec import Struct

from ks_reset.catalogue.ownership import CANARY_LABEL, protected
from ks_reset.errors import Refused
from ks_reset.model import Action, Create, Delete, FleetFacts, Plan, SeatbeltOff, SeatbeltOn, Target
from ks_reset.simulation.actions import ACTOR, act, place_of
from ks_reset.simulation.chains import Consequence, Outcome, effects, lost
from ks_reset.simulation.objects import Id, SimObject
from ks_reset.simulation.run import Trace, settle
from ks_reset.simulation.state import State


class StepConsequence(Struct, frozen=True):
    """The consequence of a step for an object not named in it. `protected` is true for a user's object."""

    step: str
    effect: Consequence
    protected: bool


def foresee(plan: Plan, facts: FleetFacts) -> list[StepConsequence]:
    """Every consequence of a plan for objects not in it, except those without the plan too.

    Actions refused by the API server are included. The seatbelt is left out of the simulation: a plan must be harmless
    without it. Objects created by the plan itself are no loss.
    """
    state = State.of(facts).belt(frozenset())
    anyway = {(t.id.cluster, t.uid) for t in lost(state, settle(state).after)}
    named = {(a.cluster, a.uid): type(a) for a in plan.actions if a.writes}
    created = {place_of(a) for a in plan.actions if isinstance(a, Create)}
    deleted = {place_of(a) for a in plan.actions if isinstance(a, Delete) and not a.uid}
    known = state.uids
    consequences: list[StepConsequence] = []
    for step, actions in groupby(
        (a for a in plan.actions if not isinstance(a, SeatbeltOn | SeatbeltOff)), attrgetter("step")
    ):
        trace = _run_step(state, actions)
        state = trace.after
        for thing, effect in effects(trace):
            key = (thing.id.cluster, thing.uid)
            ours = effect.chain[0].actor == ACTOR
            if (effect.fate is Outcome.MADE and thing.id in created) or (
                effect.fate is Outcome.DELETED and thing.id in deleted
            ):
                continue
            if not _is_planned(effect, named.get(key)) and (ours or key not in anyway):
                somebodys = key in known and protected(thing.obj) and not _with_canary(trace.before, thing)
                consequences.append(StepConsequence(step, effect, somebodys))
    return consequences


def _with_canary(state: State, thing: SimObject) -> bool:
    """Whether it is in the namespace of a canary: objects created there by controllers are deleted with it."""
    home = state.things.get(Id(thing.id.cluster, "Namespace", "", thing.id.namespace))
    return home is not None and home.label(CANARY_LABEL) is not None


def _is_planned(effect: Consequence, verb: type[Target] | None) -> bool:
    """Whether the plan itself has this consequence: an object it only changes must not be deleted."""
    if effect.fate is Outcome.REFUSED or verb is None:
        return False
    return verb is Delete or effect.fate is Outcome.CHANGED


def harmless(plan: Plan, consequences: Iterable[StepConsequence]) -> None:
    """Raises Refused, with the chain of causes, if a protected object would be lost or an action refused."""
    for consequence in consequences:
        effect = consequence.effect
        if effect.fate is Outcome.REFUSED and effect.chain[-1].actor == ACTOR:
            raise Refused(
                f"{plan.playbook} cannot be planned: in the step {consequence.step} the API server would refuse to "
                f"change {effect.object} on {effect.cluster}: {effect.detail}. Nothing was sent."
            )
        if consequence.protected and effect.fate in (Outcome.DELETED, Outcome.STUCK):
            raise Refused(
                f"{plan.playbook} cannot be planned: the step {consequence.step} would lead to the loss of "
                f"{effect.object} on {effect.cluster}, which is not KubeSphere's. Nothing was sent. "
                f"The chain:\n{told(effect)}"
            )


def told(effect: Consequence) -> str:
    """The chain of a consequence, one numbered line for each link."""
    return "\n".join(
        f"  {n}. {link.actor} {link.deed} {link.object} on {link.cluster} ({link.field}): {link.why}"
        for n, link in enumerate(effect.chain, 1)
    )


def _run_step(state: State, actions: Iterable[Action]) -> Trace:
    before, moves = state, []
    for action in actions:
        state, move = act(state, action)
        moves += [move] if move else []
    trace = settle(state)
    return Trace(before, (*moves, *trace.moves), trace.after)
