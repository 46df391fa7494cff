"""The garbage collector: deletes objects without a live owner, and processes foreground and orphaning deletions.

Kubernetes v1.24.17 and v1.34.4, pkg/controller/garbagecollector/garbagecollector.go: attemptToDeleteItem,
classifyReferences, isDangling, processDeletingDependentsItem, attemptToOrphanWorker.
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import EVENT_KEYS
from ks_reset.simulation.api_server import (
    BACKGROUND,
    FOREGROUND,
    ORPHAN,
    after_deletion,
    after_release,
    reason_survived,
)
from ks_reset.simulation.move import Effect, Transition
from ks_reset.simulation.objects import OwnerRef, SimObject
from ks_reset.simulation.state import State

ACTOR = "garbage collector"
SOURCE = "kubernetes v1.24.17, pkg/controller/garbagecollector/garbagecollector.go"


def transitions(state: State) -> Iterable[Transition]:
    """The transitions this controller may make next.

    References to an owner whose dependents are left alone come off first: a dependent may have a gone owner besides.
    """
    left_alone = [subject for subject in state.objects.values() if subject.deleting and ORPHAN in subject.finalizers]
    for subject in left_alone:
        yield from _orphan_dependents(state, subject)
    for subject in state.objects.values():
        if subject.owners and not subject.deleting and subject.id.key not in EVENT_KEYS:
            yield from _check_owners(state, subject)


def finish_foreground(state: State) -> Iterable[Transition]:
    """The ends of foreground deletions. As long as an owner waits, its dependents are deleted with it."""
    for subject in state.objects.values():
        if subject.deleting and FOREGROUND in subject.finalizers and ORPHAN not in subject.finalizers:
            yield from _finish_foreground(state, subject)


def _check_owners(state: State, subject: SimObject) -> Iterable[Transition]:
    """Delete the object if no owner lives; if one does, remove the references to the others.

    Nothing happens while an owner is of an unknown type: the garbage collector retries.
    """
    verdicts = [(tie, _classify_reference(state, subject, tie)) for tie in subject.owners]
    kinds = {verdict for _, verdict in verdicts}
    if "unknown" in kinds or kinds == {"solid"}:
        return
    absent = [tie for tie, verdict in verdicts if verdict != "solid"]
    if "solid" in kinds:
        untied = subject.without_owners(*(tie.uid for tie in absent))
        field, why = _field_and_reason(absent[0], "another owner lives")
        yield Transition(ACTOR, Effect.UNTIES, subject.id, untied, None, field, why, SOURCE)
        return
    waiting = [tie for tie, verdict in verdicts if verdict == "waiting"]
    foreground = waiting and state.dependents.get(_uid_key(subject))
    policy = "Foreground" if foreground else _deletion_policy(subject)
    tie = (waiting or absent)[0]
    kind = state.served_kind(subject.id.cluster, tie.key)
    namespace = subject.id.namespace if kind and kind.namespaced else ""
    cause = subject.id._replace(key=tie.key, namespace=namespace, name=tie.name)
    refused = reason_survived(state, subject)
    after = subject if refused else after_deletion(subject, policy)
    field, why = _field_and_reason(tie, "it waits for its dependents" if waiting else "no object has that UID")
    yield Transition(ACTOR, Effect.DELETES, subject.id, after, cause, field, why, SOURCE, refused)


def _classify_reference(state: State, subject: SimObject, tie: OwnerRef) -> str:
    """solid, waiting (owner in foreground deletion), dangling, or unknown (type not served, or out of scope)."""
    kind = state.served_kind(subject.id.cluster, tie.key)
    if kind is None or (kind.namespaced and not subject.id.namespace):
        return "unknown"
    owner = state.owner_of(subject, tie)
    if owner is None or owner.uid != tie.uid:
        return "dangling"
    return "waiting" if owner.deleting and FOREGROUND in owner.finalizers else "solid"


def _deletion_policy(subject: SimObject) -> str:
    """The policy of a deletion, taken from the finalizer already on the object."""
    names = subject.finalizers
    return "Orphan" if ORPHAN in names else "Foreground" if FOREGROUND in names else BACKGROUND


def _finish_foreground(state: State, subject: SimObject) -> Iterable[Transition]:
    dependents = state.dependents.get(_uid_key(subject), ())
    if not any(tie.uid == subject.uid and tie.blocks for dependent in dependents for tie in dependent.owners):
        yield _release_finalizer(subject, FOREGROUND, "no dependent holds it back")


def _orphan_dependents(state: State, subject: SimObject) -> Iterable[Transition]:
    dependents = state.dependents.get(_uid_key(subject), ())
    why = f"{subject.id.title} is deleted with its dependents left alone"
    for dependent in dependents:
        after = dependent.without_owners(subject.uid)
        field = "metadata.ownerReferences"
        yield Transition(ACTOR, Effect.UNTIES, dependent.id, after, subject.id, field, why, SOURCE)
    if not dependents:
        yield _release_finalizer(subject, ORPHAN, "no dependent names it")


def _release_finalizer(subject: SimObject, finalizer: str, reason: str) -> Transition:
    after = after_release(subject.without_finalizer(finalizer))
    why = f"{finalizer}: {reason}"
    return Transition(ACTOR, Effect.LETS_GO, subject.id, after, None, "metadata.finalizers", why, SOURCE)


def _uid_key(subject: SimObject) -> tuple[str, str]:
    return subject.id.cluster, subject.uid


def _field_and_reason(tie: OwnerRef, reason: str) -> tuple[str, str]:
    owner = "the recreated one" if "+" in tie.uid else f"UID {tie.uid}"
    return "metadata.ownerReferences", f"it names {tie.key} {tie.name} ({owner}) as owner, and {reason}"
