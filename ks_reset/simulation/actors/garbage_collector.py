"""The garbage collector: deletes what has no living owner, holds owners for their dependents, or cuts dependents loose.

Kubernetes v1.24.17 and v1.34.4, pkg/controller/garbagecollector/garbagecollector.go: attemptToDeleteItem,
classifyReferences, isDangling, processDeletingDependentsItem, attemptToOrphanWorker.
"""

from collections.abc import Iterable

from ks_reset.simulation.api_server import FOREGROUND, ORPHAN, deleted, refusal, released
from ks_reset.simulation.move import Effect, Transition
from ks_reset.simulation.objects import OwnerRef, SimObject
from ks_reset.simulation.state import State

ACTOR = "garbage collector"
SOURCE = "kubernetes v1.24.17, pkg/controller/garbagecollector/garbagecollector.go"
IGNORED = ("Event", "Event.events.k8s.io")


def moves(state: State) -> Iterable[Transition]:
    """What it may do next."""
    for each in state.things.values():
        if each.deleting and ORPHAN in each.finalizers:
            yield from _orphan(state, each)
        elif each.deleting and FOREGROUND in each.finalizers:
            yield from _foreground(state, each)
        elif each.owners and not each.deleting and each.id.key not in IGNORED:
            yield from _owned(state, each)


def _owned(state: State, each: SimObject) -> Iterable[Transition]:
    """Delete it if no owner is left, or take lost references off if one is. An owner of no known type: only retried."""
    found = [(tie, _verdict(state, each, tie)) for tie in each.owners]
    verdicts = {verdict for _, verdict in found}
    if "unknown" in verdicts or verdicts == {"solid"}:
        return
    lost = [tie for tie, verdict in found if verdict != "solid"]
    if "solid" in verdicts:
        after = each.without_owners(*(tie.uid for tie in lost))
        yield Transition(ACTOR, Effect.UNTIES, each.id, after, None, *_said(lost[0], "another owner lives"), SOURCE)
        return
    waiting = [tie for tie, verdict in found if verdict == "waiting"]
    policy = "Foreground" if waiting and state.dependents.get(_uid(each)) else _kept(each)
    tie = (waiting or lost)[0]
    kind = state.kind(each.id.cluster, tie.key)
    home = each.id.namespace if kind and kind.namespaced else ""
    cause = each.id._replace(key=tie.key, namespace=home, name=tie.name)
    refused = refusal(state, each)
    field, why = _said(tie, "it waits for its dependents" if waiting else "no object has that UID")
    yield Transition(
        ACTOR, Effect.DELETES, each.id, each if refused else deleted(each, policy), cause, field, why, SOURCE, refused
    )


def _verdict(state: State, each: SimObject, tie: OwnerRef) -> str:
    """solid, waiting (being deleted in the foreground), dangling, or unknown: of no served type, or out of scope."""
    kind = state.kind(each.id.cluster, tie.key)
    if kind is None or (kind.namespaced and not each.id.namespace):
        return "unknown"
    owner = state.owner(each, tie)
    if owner is None or owner.uid != tie.uid:
        return "dangling"
    return "waiting" if owner.deleting and FOREGROUND in owner.finalizers else "solid"


def _kept(each: SimObject) -> str:
    """The policy of a deletion follows a finalizer that is on the object already."""
    return "Orphan" if ORPHAN in each.finalizers else "Foreground" if FOREGROUND in each.finalizers else "Background"


def _foreground(state: State, each: SimObject) -> Iterable[Transition]:
    tied = state.dependents.get(_uid(each), ())
    if not any(tie.uid == each.uid and tie.blocks for dependent in tied for tie in dependent.owners):
        yield _lets_go(each, FOREGROUND, "no dependent holds it back")


def _orphan(state: State, each: SimObject) -> Iterable[Transition]:
    tied = state.dependents.get(_uid(each), ())
    why = f"{each.id.title} is deleted with its dependents left alone"
    for dependent in tied:
        after = dependent.without_owners(each.uid)
        yield Transition(ACTOR, Effect.UNTIES, dependent.id, after, each.id, "metadata.ownerReferences", why, SOURCE)
    if not tied:
        yield _lets_go(each, ORPHAN, "no dependent names it")


def _lets_go(each: SimObject, finalizer: str, why: str) -> Transition:
    after = released(each.without_finalizer(finalizer))
    return Transition(ACTOR, Effect.LETS_GO, each.id, after, None, "metadata.finalizers", f"{finalizer}: {why}", SOURCE)


def _uid(each: SimObject) -> tuple[str, str]:
    return each.id.cluster, each.uid


def _said(tie: OwnerRef, why: str) -> tuple[str, str]:
    which = "the one that was made anew" if "+" in tie.uid else f"UID {tie.uid}"
    return "metadata.ownerReferences", f"it names {tie.key} {tie.name} ({which}) as owner, and {why}"
