"""The consequences of a trace: what became of each object, with the chain of causes."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from ks_reset.model import Outcome
from ks_reset.simulation.emptied import holding_finalizers
from ks_reset.simulation.move import Effect, Transition
from ks_reset.simulation.objects import Id, SimObject
from ks_reset.simulation.run import Trace
from ks_reset.simulation.state import State

TYING = {
    effect: {Effect.BINDS} if effect is Effect.DELETES else {Effect.CHANGES} if effect is Effect.BINDS else set()
    for effect in Effect
}
"""The earlier effects on the same object an effect depends on: a namespace is deleted because it was bound before."""


class Link(Struct, frozen=True):
    """One transition of a chain: the actor, the deed, the object, the field it follows from, and the source.

    `cause` is the title of the object whose state led to it; "" if that is the object itself.
    """

    cluster: str
    object: str
    actor: str
    deed: str
    field: str
    why: str
    source: str
    cause: str = ""


class Consequence(Struct, frozen=True):
    """The outcome of one object; `chain` goes from the first cause to the last transition of the object.

    `uid` is the UID before. `detail` names the finalizers of a stuck object, the changes, or the reason of a refusal.
    """

    fate: Outcome
    cluster: str
    object: str
    uid: str
    detail: str
    chain: tuple[Link, ...]


def consequences_of(trace: Trace) -> list[tuple[SimObject, Consequence]]:
    """The consequences of a trace, in order of the first transition, with the object as it was (or was created)."""
    by_place: dict[Id, list[tuple[int, Transition]]] = {}
    for index, transition in enumerate(trace.transitions):
        by_place.setdefault(transition.place, []).append((index, transition))
    results: list[tuple[SimObject, Consequence]] = []
    for place, transitions in by_place.items():
        subject = trace.before.objects.get(place) or trace.after.objects.get(place) or transitions[0][1].after
        results += [(subject, c) for c in _consequences(trace, place, transitions)] if subject else []
    return results


def _consequences(trace: Trace, place: Id, transitions: list[tuple[int, Transition]]) -> list[Consequence]:
    """At most one refusal, then at most one outcome. `transitions` are those of this object, with their indices."""
    was, now = trace.before.objects.get(place), trace.after.objects.get(place)
    refusals = [(index, transition.refused) for index, transition in transitions if transition.refused][:1]
    results = [_consequence(trace, Outcome.REFUSED, place, reason, index) for index, reason in refusals]
    if was is None:
        return results + ([_consequence(trace, Outcome.MADE, place, "", transitions[0][0])] if now else [])
    deletions = (i for i, t in transitions if t.deed is Effect.DELETES and not t.refused)
    start = next(deletions, transitions[-1][0])
    if now is None or now.uid != was.uid:
        return [*results, _consequence(trace, Outcome.DELETED, place, "", start)]
    if now.deleting:
        detail = f"held by {', '.join(holding_finalizers(trace.after, now))}"
        return [*results, _consequence(trace, Outcome.STUCK, place, detail, start)]
    if now == was:
        return results
    first = next(index for index, transition in transitions if not transition.refused)
    return [*results, _consequence(trace, Outcome.CHANGED, place, _changes_in_words(was, now), first)]


def _consequence(trace: Trace, outcome: Outcome, place: Id, detail: str, index: int) -> Consequence:
    names = {world.identity: world.name for world in trace.before.facts.clusters}
    subject = (trace.after if outcome is Outcome.MADE else trace.before).objects.get(place)
    uid, links = subject.uid if subject else "", causal_chain(trace.transitions, index, names)
    return Consequence(outcome, names[place.cluster], place.title, uid, detail, links)


def causal_chain(transitions: Sequence[Transition], index: int, names: Mapping[str, str]) -> tuple[Link, ...]:
    """The links from the first cause to this transition, in order. `names` are the clusters' names by identity."""
    indices: set[int] = set()
    pending = [index]
    while pending:
        current = pending.pop()
        if current not in indices:
            indices.add(current)
            pending += _cause_indices(transitions, current)
    return tuple(_as_link(transitions[i], names) for i in sorted(indices))


def _cause_indices(transitions: Sequence[Transition], index: int) -> list[int]:
    """The transitions leading to this one: the end of its cause, and the earlier one that tied the object to that."""
    current = transitions[index]
    earlier = [i for i in range(index) if not transitions[i].refused]
    own = [i for i in earlier if transitions[i].place == current.place]
    if current.deed is Effect.LETS_GO:
        return [i for i in own if transitions[i].deed is Effect.DELETES][-1:]
    if current.deed is Effect.MAKES:
        return own[-1:]
    tied = [i for i in own if transitions[i].deed in TYING[current.deed]]
    of_cause = [i for i in earlier if transitions[i].place == current.cause]
    gone = [i for i in of_cause if transitions[i].after is None and current.deed is not Effect.BINDS]
    deletions = [i for i in of_cause if transitions[i].deed is Effect.DELETES and current.deed is not Effect.BINDS]
    return tied[-1:] + (gone or deletions or of_cause)[-1:]


def _as_link(transition: Transition, names: Mapping[str, str]) -> Link:
    place, cause = transition.place, transition.cause
    return Link(
        names[place.cluster],
        place.title,
        transition.actor,
        transition.deed,
        transition.field,
        transition.why,
        transition.source,
        cause.title if cause else "",
    )


def _changes_in_words(was: SimObject, now: SimObject) -> str:
    phrases = [f"label {k} is {v!r}" for k, v in now.labels if was.label_value(k) != v]
    phrases += [f"label {k} is gone" for k, _ in was.labels if now.label_value(k) is None]
    phrases += [f"owner {t.key} {t.name} is gone" for t in was.owners if t not in now.owners]
    phrases += [f"owner {t.key} {t.name} is new" for t in now.owners if t not in was.owners]
    phrases += [f"finalizer {f} is gone" for f in was.finalizers if f not in now.finalizers]
    phrases += [f"finalizer {f} is new" for f in now.finalizers if f not in was.finalizers]
    if was.replicas != now.replicas:
        phrases.append("replicas")
    if was.written != now.written:
        phrases += [f"{field} is new" for field in ("spec", "annotations") if _field(was, field) != _field(now, field)]
    return ", ".join(phrases) or "written anew"


def _field(subject: SimObject, field: str) -> object:
    return subject.obj.spec if field == "spec" else subject.obj.annotations


def lost_objects(before: State, after: State) -> list[SimObject]:
    """The objects of the first state that are gone, recreated or newly being deleted in the second."""

    def is_lost(was: SimObject) -> bool:
        now = after.objects.get(was.id)
        return now is None or now.uid != was.uid or (now.deleting and not was.deleting)

    return [was for was in before.objects.values() if is_lost(was)]


def as_numbered_lines(consequence: Consequence) -> str:
    """The chain of a consequence, one numbered line a link."""
    return "\n".join(
        f"  {n}. {link.actor} {link.deed} {link.object} on {link.cluster} ({link.field}): {link.why}"
        for n, link in enumerate(consequence.chain, 1)
    )
