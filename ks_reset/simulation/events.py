"""The events `explain --if` can suppose: an act of a person, or the start of a controller."""

import re
from collections.abc import Callable, Sequence

from ks_reset import catalogue
from ks_reset.catalogue.entries import CrdEntry
from ks_reset.catalogue.names import (
    CRD_KEY,
    CRD_KIND,
    DEPLOYMENT_KEY,
    FEDERATED_WORKSPACE_KEY,
    NAMESPACE_KEY,
    WORKSPACE_KEY,
    WORKSPACE_LABEL,
    WORKSPACE_TEMPLATE_KEY,
)
from ks_reset.errors import Usage, corrected_to, left_out
from ks_reset.facts.stray_controllers import stray_controllers
from ks_reset.model import Obj
from ks_reset.simulation.actors import ks_controller_manager
from ks_reset.simulation.api_server import BACKGROUND, after_deletion, reason_survived
from ks_reset.simulation.move import Effect, Transition
from ks_reset.simulation.objects import Id, SimObject, to_sim_object
from ks_reset.simulation.run import Trace, orders_of, run_controllers
from ks_reset.simulation.state import State

SOMEBODY = "somebody"
Happening = tuple[State, tuple[Transition, ...]]


def trace_events(before: State, subject: SimObject, texts: Sequence[str]) -> Trace:
    """The trace of events one after the other, with all controllers run to the end after each.

    Events after the loss of the subject are left out. Raises Usage for unknown words, and for an event these clusters
    cannot have.
    """
    for text in texts:
        _parse_event(text)
    state, transitions = before, list[Transition]()
    for text in texts or ("nothing",):
        if present := state.objects.get(subject.id):
            state, acts = apply_event(state, present, text)
            trace = _trace_with_loss(state, subject)
            state, transitions = trace.after, [*transitions, *acts, *trace.transitions]
    return Trace(before, tuple(transitions), state)


def _trace_with_loss(state: State, subject: SimObject) -> Trace:
    """All controllers run to the end, in an order with the loss of the subject, if there is one."""
    first, *others = orders_of(state)
    trace = run_controllers(state, first)
    for order in others:
        after = trace.after.objects.get(subject.id)
        if after is None or after.uid != subject.uid or after.deleting:
            break
        trace = run_controllers(state, order)
    return trace


def apply_event(state: State, subject: SimObject, text: str) -> Happening:
    """The state after an event, in words such as "added to workspace ws1", and its own transitions.

    Raises Usage for unknown words, and for an event these clusters cannot have.
    """
    event, words = _parse_event(text)
    try:
        return event(state, subject, *words)
    except Usage as error:  # these clusters cannot have it
        error.corrections = left_out(f"--if {text}")
        raise


def as_clause(texts: Sequence[str]) -> str:
    """Events as a subordinate clause: `it is added to workspace ws1 and then kubefed restarts`."""
    phrases = [re.sub(r"(?i)^workspace (\S+) deleted$", r"Workspace \1 is deleted", text.strip()) for text in texts]
    return " and then ".join(re.sub(r"(?i)^(added|deleted)\b", r"it is \1", phrase) for phrase in phrases)


def _parse_event(text: str) -> tuple[Callable[..., Happening], tuple[str, ...]]:
    for pattern, event in EVENTS.items():
        if match := re.fullmatch(pattern, text.strip(), re.IGNORECASE):
            return event, match.groups()
    raise Usage(
        f"'{text}' is not an event that can be supposed. There are: {'; '.join(WORDS)}.",
        *corrected_to(WORDS, text, "--if"),
    )


def _nothing(state: State, _: SimObject) -> Happening:
    return state, ()


def _add_to_workspace(state: State, subject: SimObject, workspace: str) -> Happening:
    if subject.id.key != NAMESPACE_KEY:
        raise Usage(f"{subject.id.title} is not a Namespace, so it cannot be added to a Workspace.")
    cluster, host = subject.id.cluster, state.facts.host.identity
    sources = (
        Id(host, FEDERATED_WORKSPACE_KEY, "", workspace),
        Id(host, WORKSPACE_TEMPLATE_KEY, "", workspace),
    )
    if not any(place in state.objects for place in (Id(cluster, WORKSPACE_KEY, "", workspace), *sources)):
        raise Usage(
            f"There is no Workspace {workspace} to add {subject.id.title} to, and no FederatedWorkspace or "
            "WorkspaceTemplate of this name to create it from."
        )
    after = subject.with_label(WORKSPACE_LABEL, workspace)
    field, why = f"metadata.labels[{WORKSPACE_LABEL}]", f"it is added to Workspace {workspace}"
    transition = Transition(SOMEBODY, Effect.CHANGES, subject.id, after, None, field, why, "")
    return state.with_changes([(subject.id, after)]), (transition,)


def _delete_object(state: State, subject: SimObject) -> Happening:
    refused = reason_survived(state, subject)
    after = subject if refused else after_deletion(subject, BACKGROUND)
    why = "the supposed event"
    transition = Transition(SOMEBODY, Effect.DELETES, subject.id, after, None, "DELETE", why, "", refused)
    return (state if refused else state.with_changes([(subject.id, after)])), (transition,)


def _delete_workspace(state: State, subject: SimObject, name: str) -> Happening:
    workspace = state.objects.get(Id(subject.id.cluster, WORKSPACE_KEY, "", name))
    if not workspace:
        raise Usage(f"There is no Workspace {name} on this cluster.")
    return _delete_object(state, workspace)


def _start_kubefed(state: State, _: SimObject) -> Happening:
    return _start_existing(state, catalogue.is_kubefed_controller), ()


def _start_manager(state: State, _: SimObject) -> Happening:
    return _start_existing(state, _is_manager), ()


def _is_manager(obj: Obj) -> bool:
    return (
        catalogue.is_reacting_controller(obj)
        and catalogue.STOP_ORDER[catalogue.stop_rank(obj)] == ks_controller_manager.ACTOR
    )


def _start_existing(state: State, is_chosen: Callable[[Obj], bool]) -> State:
    if not any(is_chosen(deployment.obj) for deployment in state.of_kind(DEPLOYMENT_KEY)):
        raise Usage("There is no Deployment of that controller in these clusters.")
    return start_controllers(state, is_chosen)


def start_controllers(state: State, is_chosen: Callable[[Obj], bool]) -> State:
    """The state with these Deployments running, stopped ones with one replica, and what runs without a Deployment."""
    chosen = {deployment.id for deployment in state.of_kind(DEPLOYMENT_KEY) if is_chosen(deployment.obj)}
    changes = [(i, state.objects[i].with_fields(replicas=max(1, state.objects[i].replicas))) for i in chosen]
    strays = ((w.identity, obj) for w in state.facts.clusters for obj in stray_controllers(w).stoppable)
    places = {Id(identity, o.kind.key, o.namespace, o.name) for identity, o in strays if is_chosen(o)}
    return state.with_changes(changes).with_running(state.alive | chosen | {i for i in places if i in state.objects})


def _install_kubesphere(state: State, _: SimObject) -> Happening:
    after = install_types(state)
    created = [subject for subject in after.objects.values() if subject.id not in state.objects]
    why = "KubeSphere is installed again"
    return after, tuple(Transition(SOMEBODY, Effect.MAKES, s.id, s, None, "CREATE", why, "") for s in created)


def install_types(state: State) -> State:
    """The state after the first act of a reinstall: KubeSphere's CRDs exist in every cluster.

    Of those the type Workspace, and the types of owners named in the state: the garbage collector decides about their
    dependents as soon as the type is served (kubernetes v1.24.17, pkg/controller/garbagecollector/garbagecollector.go,
    attemptToDeleteItem). The other types have no effect on objects that exist.
    """
    named = {(subject.id.cluster, tie.key) for subject in state.objects.values() for tie in subject.owners}
    wanted = named | {(world.identity, WORKSPACE_KEY) for world in state.facts.clusters}
    entries = {entry.key: entry for entry in catalogue.load_catalogue().crds}
    crds = [_crd_of(cluster, entries[key]) for cluster, key in sorted(wanted) if key in entries]
    return state.with_changes((crd.id, crd) for crd in crds if crd.id not in state.objects)


def _crd_of(cluster: str, entry: CrdEntry) -> SimObject:
    """The CRD as a reinstall creates it."""
    plural, _, group = entry.name.partition(".")
    names = {"kind": entry.kind, "plural": plural}
    spec = {"group": group, "names": names, "scope": entry.scope, "versions": [{"name": "v1alpha1"}]}
    meta = {"name": entry.name, "uid": f"a new {CRD_KEY} {entry.name} of {cluster}"}
    return to_sim_object(cluster, Obj(CRD_KIND, {"metadata": meta, "spec": spec}))


EVENTS: dict[str, Callable[..., Happening]] = {
    r"nothing": _nothing,
    r"(?:it is )?added to workspace (\S+)": _add_to_workspace,
    r"(?:it is )?deleted": _delete_object,
    r"workspace (\S+) (?:is )?deleted": _delete_workspace,
    r"kubefed (?:re)?starts": _start_kubefed,
    r"ks-controller-manager (?:re)?starts": _start_manager,
    r"kubesphere is installed again": _install_kubesphere,
}
WORDS = (
    "nothing",
    "added to workspace NAME",
    "deleted",
    "workspace NAME deleted",
    "kubefed restarts",
    "ks-controller-manager restarts",
    "KubeSphere is installed again",
)
