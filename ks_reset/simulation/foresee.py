"""The consequences of a plan: after each step, all controllers are run to the end."""

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter

from msgspec import Struct

from ks_reset.catalogue.names import CANARY_LABEL, NAMESPACE_KEY, PERSISTENT_VOLUME_KEY
from ks_reset.catalogue.ownership import is_users
from ks_reset.errors import Refused
from ks_reset.facts.given_up import is_data_given_up, is_given_up
from ks_reset.facts.kept import Kept
from ks_reset.facts.shared_namespaces import SharedNamespaces
from ks_reset.model import LOST, Action, Create, Delete, FleetFacts, Obj, Outcome, Plan, SeatbeltOff, SeatbeltOn, Target
from ks_reset.simulation.actions import ACTOR, apply_action, place_of
from ks_reset.simulation.api_server import may_shield
from ks_reset.simulation.chains import Consequence, as_numbered_lines, consequences_of, lost_objects
from ks_reset.simulation.draft import Draft
from ks_reset.simulation.emptied import is_wiped_with_contents
from ks_reset.simulation.move import Effect
from ks_reset.simulation.objects import Id, SimObject
from ks_reset.simulation.run import TIERS, Tiers, Trace, orders_of, run_controllers
from ks_reset.simulation.standing import as_things_stand
from ks_reset.simulation.state import State
from ks_reset.simulation.way_on import way_past_loss, way_past_refusal


class StepConsequence(Struct, frozen=True):
    """The consequence of a step for an object the plan does not name, as read or as created.

    `is_users`: the object is a user's, and no flag gives it up.
    """

    step: str
    effect: Consequence
    is_users: bool
    obj: Obj


def foresee_consequences(plan: Plan, facts: FleetFacts) -> list[StepConsequence]:
    """The consequences the plan does not contain itself, and those that would not occur without it.

    Actions the API server would refuse are among them. The seatbelt is taken as off: a plan must be harmless without
    it. The loss of objects the plan itself creates is left out. A webhook without a backend does not stop a controller;
    for a plan that removes such a webhook, the losses it has prevented until then are added. So are those of
    another order of the controllers.
    """
    anyway = as_things_stand(facts)
    state = anyway.before
    consequences = _consequences_after(plan, state, anyway.after)
    if any(may_shield(state, subject) for subject in _deleted_objects(anyway)):
        shielded = state.with_shields()
        consequences += _new_losses(consequences, _consequences_after(plan, shielded, run_controllers(shielded).after))
    for order in orders_of(state)[1:]:
        settled = run_controllers(state, order).after
        consequences += _new_losses(consequences, _consequences_after(plan, state, settled, order))
    return consequences


def _new_losses(known: Iterable[StepConsequence], found: Iterable[StepConsequence]) -> list[StepConsequence]:
    """The losses among those found of objects not lost in the known ones."""
    lost = {(c.effect.cluster, c.effect.object) for c in known if c.effect.fate in LOST}
    return [c for c in found if c.effect.fate in LOST and (c.effect.cluster, c.effect.object) not in lost]


def _deleted_objects(trace: Trace) -> Iterable[SimObject]:
    """The objects of the first state that a controller deletes."""
    deleted = (trace.before.objects.get(move.place) for move in trace.transitions if move.deed is Effect.DELETES)
    return (subject for subject in deleted if subject)


def _consequences_after(plan: Plan, state: State, settled: State, order: Tiers = TIERS) -> list[StepConsequence]:
    """The consequences of the plan in this state, with this order. `settled` is the state without the plan."""
    lost_anyway = {(subject.id.cluster, subject.uid) for subject in lost_objects(state, settled)}
    named = {(a.cluster, a.uid): type(a) for a in plan.actions if a.writes}
    created = {place_of(a) for a in plan.actions if isinstance(a, Create)}
    deleted_by_name = {place_of(a) for a in plan.actions if isinstance(a, Delete) and not a.uid}
    relevant = (a for a in plan.actions if not isinstance(a, SeatbeltOn | SeatbeltOff))
    existing = state.by_uid
    ending = {(s.id.cluster, s.uid) for s in state.objects.values() if _is_ending(state, s)}
    kept = {cluster.identity: Kept(cluster, plan.request) for cluster in state.facts.clusters}
    shared = {cluster.identity: SharedNamespaces(cluster, plan.request) for cluster in state.facts.clusters}
    hanging = {(s.id.cluster, s.uid) for s in state.objects.values() if s.deleting}
    consequences: list[StepConsequence] = []
    for step, actions in groupby(relevant, attrgetter("step")):
        trace = _run_step(state, actions, order)
        state = trace.after
        for subject, effect in consequences_of(trace):
            key = (subject.id.cluster, subject.uid)
            own = effect.chain[0].actor == ACTOR
            expected = {Outcome.MADE: created, Outcome.DELETED: deleted_by_name}.get(effect.fate, set())
            if subject.id in expected or _is_planned(effect, named.get(key)):
                continue
            if own or key not in lost_anyway:
                past = hanging if effect.fate is Outcome.STUCK else ending
                world = state.cluster_facts(subject.id.cluster)
                matters = is_users(subject.obj, world) or kept[subject.id.cluster].must_not_lose(subject.obj)
                can_be_lost = key in existing and key not in past and matters
                of_users = can_be_lost and not _is_in_canary(trace.before, subject)
                of_users = of_users and not _is_given_up(trace.before, subject, plan)
                of_users = of_users and not shared[subject.id.cluster].goes(subject.obj)
                consequences.append(StepConsequence(step, effect, of_users, subject.obj))
    return consequences


def _is_ending(state: State, subject: SimObject) -> bool:
    """Whether an object is in deletion, which ends as asked: the plan does not cause the end of that deletion.

    A namespace with wiped spec.finalizers would go without its contents. Of every other one the namespace controller
    deletes the contents first, and each of them is judged by itself.
    """
    return subject.deleting and not is_wiped_with_contents(state, subject)


def _is_in_canary(state: State, subject: SimObject) -> bool:
    """Whether it is in a canary's namespace: the objects every namespace gets are deleted with the canary."""
    namespace = state.objects.get(Id(subject.id.cluster, NAMESPACE_KEY, "", subject.id.namespace))
    return namespace is not None and namespace.label_value(CANARY_LABEL) is not None


def _is_given_up(state: State, subject: SimObject, plan: Plan) -> bool:
    """Whether a flag gives it up: an object of a kept type by name, or the volume of a claim with its data."""
    if subject.obj.kind.resource in plan.request.kept_types:
        return is_given_up(subject.obj, plan.request)
    facts = state.cluster_facts(subject.id.cluster)
    return subject.id.key == PERSISTENT_VOLUME_KEY and is_data_given_up(facts, subject.obj, plan.request)


def _is_planned(effect: Consequence, verb: type[Target] | None) -> bool:
    """Whether the plan itself contains the consequence; an object it only changes or scales may change, not go."""
    if effect.fate is Outcome.REFUSED or verb is None:
        return False
    return verb is Delete or effect.fate is Outcome.CHANGED


def refuse_losses(plan: Plan, consequences: Iterable[StepConsequence], facts: FleetFacts | None = None) -> None:
    """Raises Refused, with the chain, for the loss of a user's object or an action the API server would refuse.

    With the facts of the plan the message has the way on.
    """
    for consequence in consequences:
        effect = consequence.effect
        if effect.fate is Outcome.REFUSED and effect.chain[-1].actor == ACTOR:
            raise Refused(
                f"{plan.playbook} cannot be planned: in the step {consequence.step} the API server would refuse to "
                f"change {effect.object} on {effect.cluster}: {effect.detail}. Nothing was sent. "
                f"{way_past_refusal(plan, effect, facts)}"
            )
        if consequence.is_users and effect.fate in LOST:
            raise Refused(
                f"{plan.playbook} cannot be planned: the step {consequence.step} would lead to the loss of "
                f"{effect.object} on {effect.cluster}, an object of a user. Nothing was sent. "
                f"{way_past_loss(plan, effect, consequence.obj, facts)} The chain:\n{as_numbered_lines(effect)}"
            )


def _run_step(state: State, actions: Iterable[Action], order: Tiers) -> Trace:
    """The trace of a step's actions, then of all controllers."""
    before, draft, transitions = state, Draft(state), []
    for action in actions:
        _, transition = apply_action(draft, action)
        transitions += [transition] if transition else []
    trace = run_controllers(draft.finished(), order)
    return Trace(before, (*transitions, *trace.transitions), trace.after)
