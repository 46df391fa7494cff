"""What an action of a plan does to a state, as the API server would carry it out."""

from ks_reset import catalogue
from ks_reset.model import Action, Gift, Marks, Obj, Verb
from ks_reset.simulation.api_server import deleted, refusal, released
from ks_reset.simulation.move import Effect, Transition
from ks_reset.simulation.objects import Id, SimObject, thing, tie
from ks_reset.simulation.state import DEPLOYMENT, State

ACTOR = "ks-reset"
OPERATION = {Verb.DELETE: "DELETE", Verb.CREATE: "CREATE"}
DEED = {Verb.DELETE: Effect.DELETES, Verb.CREATE: Effect.MAKES}


def act(state: State, action: Action) -> tuple[State, Transition | None]:
    """The state after the action, and the move that it was; no move if there is nothing to do.

    QUIET takes the process of a stopped controller away (one that is not stopped never falls quiet), SCALE above zero
    gives it one at once. What a chart brings is not modelled: what its types would set off is asked before (threats).
    """
    if action.verb is Verb.INSTALL:
        return state, None
    place = Id(action.cluster, action.kind.key, action.namespace, action.name)
    if action.verb is Verb.QUIET:
        wanted = state.things[place].replicas > 0 if place in state.things else False
        return state if wanted else state.running(state.alive - {place}), None
    if action.verb in (Verb.FASTEN, Verb.LOOSEN):
        on = state.belted | {action.cluster}
        return state.belt(on if action.verb is Verb.FASTEN else state.belted - {action.cluster}), None
    was = state.things.get(place)
    if action.verb is Verb.CREATE:
        return _made(state, action, place) if was is None else (state, None)
    if was is None or not action.writes or (action.uid and was.uid != action.uid):
        return state, None
    after = _after(was, action)
    if after == was:
        return state, None
    refused = refusal(state, was, OPERATION.get(action.verb, "UPDATE"))
    move = _move(action, place, was if refused else after, refused)
    if refused:
        return state, move
    moved = state.put([(place, after)])
    started = action.verb is Verb.SCALE and action.replicas > 0
    return (moved.running(state.alive | {place}) if started else moved), move


def _made(state: State, action: Action, place: Id) -> tuple[State, Transition]:
    made = thing(action.cluster, Obj(action.kind, action.body or {})).but(uid=state.fresh_uid(place))
    if refused := refusal(state, made, OPERATION[Verb.CREATE]):
        return state, _move(action, place, made, refused)
    moved = state.put([(place, made)])
    runs = place.key == DEPLOYMENT and made.replicas > 0 and catalogue.reacts(made.obj)
    return (moved.running(state.alive | {place}) if runs else moved), _move(action, place, made, "")


def _move(action: Action, place: Id, after: SimObject | None, refused: str) -> Transition:
    why = f"step {action.step}: {action.why}"
    deed = DEED.get(action.verb, Effect.CHANGES)
    return Transition(ACTOR, deed, place, after, None, action.verb, why, "the plan", refused)


def _after(was: SimObject, action: Action) -> SimObject | None:
    if action.verb is Verb.DELETE:
        return was if was.deleting else deleted(was)
    if action.verb is Verb.SCALE:
        return was.but(replicas=action.replicas)
    if action.verb is Verb.MARK:
        return _marked(was, action.gift)
    return released(_stripped(was, action.marks))


def _stripped(was: SimObject, marks: Marks) -> SimObject:
    gone = {(f"{o.kind}.{o.group}" if o.group else o.kind, o.name) for o in marks.owners}
    return was.but(
        labels=tuple(pair for pair in was.labels if pair[0] not in marks.labels),
        finalizers=tuple(f for f in was.finalizers if f not in marks.finalizers),
        owners=tuple(t for t in was.owners if (t.key, t.name) not in gone),
    )


def _marked(was: SimObject, gift: Gift) -> SimObject:
    ties = tuple(tie(reference) for reference in gift.owners)
    return was.but(
        labels=tuple(sorted({**dict(was.labels), **gift.labels}.items())),
        finalizers=(*was.finalizers, *(f for f in gift.finalizers if f not in was.finalizers)),
        owners=(*was.owners, *(t for t in ties if t not in was.owners)),
    )
