"""Events that `explain` can suppose: what somebody does, or what starts again."""

import re
from collections.abc import Callable, Sequence

from ks_reset import catalogue
from ks_reset.errors import Usage
from ks_reset.facts.workspaces import GROUP, LABEL, WORKSPACE
from ks_reset.model import Kind, Obj
from ks_reset.simulation.actors import ks_controller_manager
from ks_reset.simulation.api_server import deleted, refusal
from ks_reset.simulation.move import Effect, Transition
from ks_reset.simulation.objects import Id, SimObject, thing
from ks_reset.simulation.run import Trace, settle
from ks_reset.simulation.state import CRD, DEPLOYMENT, State

SOMEBODY = "somebody"
Happening = tuple[State, tuple[Transition, ...]]


def suppose(before: State, subject: SimObject, texts: Sequence[str]) -> Trace:
    """What follows from events, one after the other, every controller given all the time that it wants in between.

    Nothing more is supposed once the subject is gone. Raises Usage for words it does not know, and for an event that
    these clusters cannot have.
    """
    for text in texts:
        _meant(text)
    state, moves = before, list[Transition]()
    for text in texts or ("nothing",):
        if here := state.things.get(subject.id):
            state, more = happen(state, here, text)
            story = settle(state)
            state, moves = story.after, [*moves, *more, *story.moves]
    return Trace(before, tuple(moves), state)


def happen(state: State, subject: SimObject, text: str) -> Happening:
    """The state after an event, in words such as "added to workspace ws1". Raises Usage for words it does not know."""
    event, words = _meant(text)
    return event(state, subject, *words)


def clause(texts: Sequence[str]) -> str:
    """Events as a subordinate clause: `it is added to workspace ws1 and then kubefed restarts`."""
    said = [re.sub(r"(?i)^workspace (\S+) deleted$", r"Workspace \1 is deleted", text.strip()) for text in texts]
    return " and then ".join(re.sub(r"(?i)^(added|deleted)\b", r"it is \1", text) for text in said)


def _meant(text: str) -> tuple[Callable[..., Happening], tuple[str, ...]]:
    for pattern, event in EVENTS.items():
        if found := re.fullmatch(pattern, text.strip(), re.IGNORECASE):
            return event, found.groups()
    raise Usage(f"'{text}' is not an event that can be supposed. There are: {'; '.join(WORDS)}.")


def _nothing(state: State, _: SimObject) -> Happening:
    return state, ()


def _added(state: State, subject: SimObject, workspace: str) -> Happening:
    if subject.id.key != "Namespace":
        raise Usage(f"{subject.id.title} is not a Namespace, so it cannot be added to a Workspace.")
    cluster, host = subject.id.cluster, state.facts.host.identity
    sources = (
        Id(host, ks_controller_manager.FEDERATED, "", workspace),
        Id(host, ks_controller_manager.TEMPLATE, "", workspace),
    )
    if not any(place in state.things for place in (Id(cluster, WORKSPACE, "", workspace), *sources)):
        raise Usage(f"There is no Workspace {workspace} to add {subject.id.title} to, and nothing that would make it.")
    refused = refusal(state, subject, "UPDATE")
    after = subject if refused else subject.with_label(LABEL, workspace)
    field, why = f"metadata.labels[{LABEL}]", f"it is added to Workspace {workspace}"
    move = Transition(SOMEBODY, Effect.CHANGES, subject.id, after, None, field, why, "", refused)
    return state.put([(subject.id, after)]), (move,)


def _deleted(state: State, subject: SimObject) -> Happening:
    refused = refusal(state, subject)
    after = subject if refused else deleted(subject)
    move = Transition(
        SOMEBODY, Effect.DELETES, subject.id, after, None, "DELETE", "the event that is supposed", "", refused
    )
    return (state if refused else state.put([(subject.id, after)])), (move,)


def _workspace_deleted(state: State, subject: SimObject, name: str) -> Happening:
    found = state.things.get(Id(subject.id.cluster, WORKSPACE, "", name))
    if not found:
        raise Usage(f"There is no Workspace {name} on this cluster.")
    return _deleted(state, found)


def _kubefed(state: State, _: SimObject) -> Happening:
    return _some(state, catalogue.is_kubefed_controller), ()


def _manager(state: State, _: SimObject) -> Happening:
    return _some(state, _is_manager), ()


def _is_manager(obj: Obj) -> bool:
    return catalogue.reacts(obj) and catalogue.ORDER[catalogue.rank(obj)] == ks_controller_manager.ACTOR


def _some(state: State, which: Callable[[Obj], bool]) -> State:
    if not any(which(each.obj) for each in state.by_key.get(DEPLOYMENT, ())):
        raise Usage("There is no Deployment of that controller in these clusters.")
    return started(state, which)


def started(state: State, which: Callable[[Obj], bool]) -> State:
    """The state in which these Deployments have been started, those that had stopped."""
    chosen = {t.id for t in state.by_key.get(DEPLOYMENT, ()) if which(t.obj)}
    woken = [(i, state.things[i].but(replicas=max(1, state.things[i].replicas))) for i in chosen]
    return state.put(woken).running(state.alive | chosen)


def _installed(state: State, _: SimObject) -> Happening:
    after = installed(state)
    new = [each for each in after.things.values() if each.id not in state.things]
    return after, tuple(
        Transition(SOMEBODY, Effect.MAKES, e.id, e, None, "CREATE", "KubeSphere is installed again", "") for e in new
    )


def installed(state: State) -> State:
    """The first act of a reinstall: the Workspace CRD is there again, in every cluster."""
    return state.put(
        (crd.id, crd) for crd in map(_crd, (w.identity for w in state.facts.clusters)) if crd.id not in state.things
    )


def _crd(cluster: str) -> SimObject:
    names = {"kind": "Workspace", "plural": "workspaces"}
    spec = {"group": GROUP, "names": names, "scope": "Cluster", "versions": [{"name": "v1alpha1"}]}
    kind = Kind("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", False)
    name = f"workspaces.{GROUP}"
    return thing(cluster, Obj(kind, {"metadata": {"name": name, "uid": f"a new {CRD} of {cluster}"}, "spec": spec}))


EVENTS: dict[str, Callable[..., Happening]] = {
    r"nothing": _nothing,
    r"(?:it is )?added to workspace (\S+)": _added,
    r"(?:it is )?deleted": _deleted,
    r"workspace (\S+) (?:is )?deleted": _workspace_deleted,
    r"kubefed (?:re)?starts": _kubefed,
    r"ks-controller-manager (?:re)?starts": _manager,
    r"kubesphere is installed again": _installed,
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
