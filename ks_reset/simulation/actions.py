"""The effect of an action on a state, as the API server would have it: one function for each verb."""

from typing import assert_never

from ks_reset import catalogue
from ks_reset.catalogue.names import DEPLOYMENT_KEY, KUBERNETES_FINALIZER
from ks_reset.facts.dead_backends import conversion_service
from ks_reset.model import Action, Marks, Obj, ObjectWrite, group_of
from ks_reset.model import actions as verbs
from ks_reset.simulation.api_server import BACKGROUND, after_deletion, after_release, reason_refused
from ks_reset.simulation.move import Effect, Transition
from ks_reset.simulation.objects import SPEC, WIPED, Id, SimObject, to_owner_ref, to_sim_object
from ks_reset.simulation.state import State

ACTOR = "ks-reset"
Result = tuple[State, Transition | None]


def apply_action(state: State, action: Action) -> Result:  # noqa: C901 - one case a verb
    """The state after the action, and the transition; no transition if nothing changes.

    The objects of a chart are not simulated: the threats of its types are found before the plan is made.
    """
    match action:
        case verbs.Scale():
            return scale_object(state, action)
        case verbs.RemoveMarks():
            return remove_marks(state, action)
        case verbs.AddMarks():
            return add_marks(state, action)
        case verbs.Delete():
            return delete_object(state, action)
        case verbs.Create():
            return create_object(state, action)
        case verbs.WaitQuiet():
            return stop_process(state, action), None
        case verbs.SeatbeltOn():
            return state.with_seatbelt_on(state.seatbelt_on | {action.cluster}), None
        case verbs.SeatbeltOff():
            return state.with_seatbelt_on(state.seatbelt_on - {action.cluster}), None
        case verbs.StopConversion():
            return stop_conversion(state, action)
        case verbs.RestoreFinalizer():
            return restore_finalizer(state, action)
        case verbs.InstallChart() | verbs.WaitReady() | verbs.WaitStable() | verbs.WatchWorkspaces():
            return state, None
        case unknown:
            assert_never(unknown)


def scale_object(state: State, action: verbs.Scale) -> Result:
    """Above zero replicas the process of the controller runs at once; at zero it runs until `stop_process`."""
    before = _planned_object(state, action)
    if before is None:
        return state, None
    after, transition = _change_object(state, action, before, before.with_fields(replicas=action.replicas))
    started = transition is not None and not transition.refused and action.replicas > 0
    return (after.with_running(after.alive | {before.id}) if started else after), transition


def stop_process(state: State, action: verbs.WaitQuiet) -> State:
    """Without the process of a stopped controller. With replicas above zero it never becomes quiet."""
    place = place_of(action)
    wanted = state.objects[place].replicas > 0 if place in state.objects else False
    return state if wanted else state.with_running(state.alive - {place})


def remove_marks(state: State, action: verbs.RemoveMarks) -> Result:
    """Without these marks; an object being deleted goes with its last finalizer."""
    before = _planned_object(state, action)
    return (
        (state, None)
        if before is None
        else _change_object(state, action, before, after_release(_without_marks(before, action.all_marks)))
    )


def add_marks(state: State, action: verbs.AddMarks) -> Result:
    before = _planned_object(state, action)
    return (state, None) if before is None else _change_object(state, action, before, _with_marks(before, action.marks))


def delete_object(state: State, action: verbs.Delete) -> Result:
    """Gone at once, or marked as being deleted while it has finalizers."""
    before = _planned_object(state, action)
    if before is None or before.deleting:
        return state, None
    return _change_object(state, action, before, after_deletion(before, BACKGROUND), "DELETE", Effect.DELETES)


def create_object(state: State, action: verbs.Create) -> Result:
    """With a new object, and the process of a controller with replicas."""
    place = place_of(action)
    if place in state.objects:
        return state, None
    created = to_sim_object(action.cluster, Obj(action.kind, action.body)).with_fields(uid=state.fresh_uid(place))
    refused = reason_refused(state, created, "CREATE")
    transition = _transition_of(action, created, refused, Effect.MAKES)
    if refused:
        return state, transition
    after = state.with_changes([(place, created)])
    runs = place.key == DEPLOYMENT_KEY and created.replicas > 0 and catalogue.is_reacting_controller(created.obj)
    return (after.with_running(after.alive | {place}) if runs else after), transition


def stop_conversion(state: State, action: verbs.StopConversion) -> Result:
    """The type with the conversion None; its objects are the same."""
    before = _planned_object(state, action)
    if before is None or conversion_service(before.obj) is None:
        return state, None
    spec = {**before.obj.spec, "conversion": {"strategy": "None"}}
    obj = Obj(before.obj.kind, {**before.obj.body, "spec": spec})
    refused = reason_refused(state, before, "UPDATE")
    after = before.with_fields(obj=obj)
    transition = _transition_of(action, after, refused, Effect.CHANGES)
    return (state if refused else state.with_changes([(before.id, after)])), transition


def restore_finalizer(state: State, action: verbs.RestoreFinalizer) -> Result:
    """The namespace with `kubernetes` in spec.finalizers: in deletion, its contents are deleted from now on."""
    before = _planned_object(state, action)
    if before is None or WIPED not in before.finalizers:
        return state, None
    spec = {**before.obj.spec, "finalizers": [KUBERNETES_FINALIZER]}
    obj = Obj(before.obj.kind, {**before.obj.body, "spec": spec})
    finalizers = tuple(f"{SPEC}{KUBERNETES_FINALIZER}" if f == WIPED else f for f in before.finalizers)
    return _change_object(state, action, before, before.with_fields(obj=obj, finalizers=finalizers))


def place_of(action: Action) -> Id:
    """The object of an action in a state."""
    return Id(action.cluster, action.kind.key, action.namespace, action.name)


def _planned_object(state: State, action: ObjectWrite) -> SimObject | None:
    """The object of the action, if it exists with the planned UID."""
    before = state.objects.get(place_of(action))
    return None if before is None or (action.uid and before.uid != action.uid) else before


def _change_object(
    state: State,
    action: ObjectWrite,
    before: SimObject,
    after: SimObject | None,
    operation: str = "UPDATE",
    effect: Effect = Effect.CHANGES,
) -> Result:
    if after == before:
        return state, None
    if refused := reason_refused(state, before, operation):
        return state, _transition_of(action, before, refused, effect)
    return state.with_changes([(before.id, after)]), _transition_of(action, after, "", effect)


def _transition_of(action: ObjectWrite, after: SimObject | None, refused: str, effect: Effect) -> Transition:
    why = f"step {action.step}: {action.why}"
    return Transition(ACTOR, effect, place_of(action), after, None, action.verb, why, "the plan", refused)


def _without_marks(before: SimObject, marks: Marks) -> SimObject:
    owners = {(f"{o['kind']}.{group_of(o['apiVersion'])}".rstrip("."), o["name"]) for o in marks.owners}
    return before.with_fields(
        labels=tuple(pair for pair in before.labels if pair[0] not in marks.labels),
        finalizers=tuple(f for f in before.finalizers if f not in marks.finalizers),
        owners=tuple(owner for owner in before.owners if (owner.key, owner.name) not in owners),
    )


def _with_marks(before: SimObject, marks: Marks) -> SimObject:
    owners = tuple(to_owner_ref(reference) for reference in marks.owners)
    return before.with_fields(
        labels=tuple(sorted({**dict(before.labels), **marks.labels}.items())),
        finalizers=(*before.finalizers, *(f for f in marks.finalizers if f not in before.finalizers)),
        owners=(*before.owners, *(owner for owner in owners if owner not in before.owners)),
    )
