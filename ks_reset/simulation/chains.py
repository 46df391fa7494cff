"""The consequences of a trace: what became of each object, with the chain of causes."""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from itertools import islice

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
    history = History(trace)
    results: list[tuple[SimObject, Consequence]] = []
    for place, indices in history.by_place.items():
        first = trace.transitions[indices[0]]
        subject = trace.before.objects.get(place) or trace.after.objects.get(place) or first.after
        results += [(subject, c) for c in _consequences(history, place)] if subject else []
    return results


class History:
    """The transitions of a trace, with the indices of those of each object."""

    def __init__(self, trace: Trace) -> None:
        self.trace, self.transitions = trace, trace.transitions
        self.names = {world.identity: world.name for world in trace.before.facts.clusters}
        self.by_place: dict[Id, list[int]] = {}
        self.accepted: dict[Id, list[int]] = {}
        for index, transition in enumerate(trace.transitions):
            self.by_place.setdefault(transition.place, []).append(index)
            if not transition.refused:
                self.accepted.setdefault(transition.place, []).append(index)

    def causal_chain(self, index: int) -> tuple[Link, ...]:
        """The links from the first cause to this transition, in order."""
        indices: set[int] = set()
        pending = [index]
        while pending:
            current = pending.pop()
            if current not in indices:
                indices.add(current)
                pending += self._cause_indices(current)
        return tuple(_as_link(self.transitions[i], self.names) for i in sorted(indices))

    def _cause_indices(self, index: int) -> list[int]:
        """The transitions leading to this one: the end of its cause, and the earlier one that tied the object to it."""
        current = self.transitions[index]
        if current.deed is Effect.LETS_GO:
            return self._last(index, current.place, lambda earlier: earlier.deed is Effect.DELETES)
        if current.deed is Effect.MAKES:
            return self._last(index, current.place, lambda _: True)
        tied = self._last(index, current.place, lambda earlier: earlier.deed in TYING[current.deed])
        if current.cause is None:
            return tied
        gone, deletion = list[int](), list[int]()
        if current.deed is not Effect.BINDS:
            gone = self._last(index, current.cause, lambda earlier: earlier.after is None)
            deletion = self._last(index, current.cause, lambda earlier: earlier.deed is Effect.DELETES)
        return tied + (gone or deletion or self._last(index, current.cause, lambda _: True))

    def _last(self, index: int, place: Id, fits: Callable[[Transition], bool]) -> list[int]:
        """The last accepted transition of an object before this one, of those that fit."""
        indices = self.accepted.get(place, [])
        earlier = reversed(indices[: bisect_left(indices, index)])
        return list(islice((i for i in earlier if fits(self.transitions[i])), 1))


def _consequences(history: History, place: Id) -> list[Consequence]:
    """At most one refusal, then at most one outcome."""
    trace = history.trace
    transitions = [(index, history.transitions[index]) for index in history.by_place[place]]
    was, now = trace.before.objects.get(place), trace.after.objects.get(place)
    refusals = [(index, transition.refused) for index, transition in transitions if transition.refused][:1]
    results = [_consequence(history, Outcome.REFUSED, place, reason, index) for index, reason in refusals]
    if was is None:
        return results + ([_consequence(history, Outcome.MADE, place, "", transitions[0][0])] if now else [])
    deletions = (i for i, t in transitions if t.deed is Effect.DELETES and not t.refused)
    start = next(deletions, transitions[-1][0])
    if now is None or now.uid != was.uid:
        return [*results, _consequence(history, Outcome.DELETED, place, "", start)]
    if now.deleting:
        detail = f"held by {', '.join(holding_finalizers(trace.after, now))}"
        return [*results, _consequence(history, Outcome.STUCK, place, detail, start)]
    if now == was:
        return results
    first = next(index for index, transition in transitions if not transition.refused)
    return [*results, _consequence(history, Outcome.CHANGED, place, _changes_in_words(was, now), first)]


def _consequence(history: History, outcome: Outcome, place: Id, detail: str, index: int) -> Consequence:
    trace = history.trace
    subject = (trace.after if outcome is Outcome.MADE else trace.before).objects.get(place)
    uid, links = subject.uid if subject else "", history.causal_chain(index)
    return Consequence(outcome, history.names[place.cluster], place.title, uid, detail, links)


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
