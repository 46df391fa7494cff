"""What a story did to whom, and by which chain of causes."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from msgspec import Struct

from ks_reset.simulation.move import Effect, Transition
from ks_reset.simulation.objects import Id, SimObject
from ks_reset.simulation.run import Trace
from ks_reset.simulation.state import State

TYING = {
    deed: {Effect.BINDS} if deed is Effect.DELETES else {Effect.CHANGES} if deed is Effect.BINDS else set()
    for deed in Effect
}
"""Which earlier deeds on the same object made it possible: a namespace is deleted since it was bound, and so on."""


class Outcome(StrEnum):
    """What became of an object."""

    DELETED = "deleted"
    STUCK = "stuck"
    CHANGED = "changed"
    REFUSED = "refused"
    MADE = "made"


class Link(Struct, frozen=True):
    """One link of a chain: who did what to which object, by which field, and where that is written.

    `cause` is the object whose state led to it; empty if that is the object itself.
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
    """What became of one object; the first link of `chain` is the first cause, the last is what happened to it.

    `uid` is the UID before. `detail` says on what it is stuck, what changed, or who refused.
    """

    fate: Outcome
    cluster: str
    object: str
    uid: str
    detail: str
    chain: tuple[Link, ...]


def effects(story: Trace) -> list[tuple[SimObject, Consequence]]:
    """What became of each object, in the order in which it began, with the object as it was (or as it was made)."""
    mine: dict[Id, list[tuple[int, Transition]]] = {}
    for index, move in enumerate(story.moves):
        mine.setdefault(move.place, []).append((index, move))
    found: list[tuple[SimObject, Consequence]] = []
    for place, moves in mine.items():
        each = story.before.things.get(place) or story.after.things.get(place) or moves[0][1].after
        found += [(each, effect) for effect in _of(story, place, moves)] if each else []
    return found


def _of(story: Trace, place: Id, mine: list[tuple[int, Transition]]) -> list[Consequence]:
    was, now = story.before.things.get(place), story.after.things.get(place)
    found: list[Consequence] = []
    for index, move in mine:
        if move.refused:
            found.append(_effect(story, Outcome.REFUSED, place, was, move.refused, index))
            break
    if was is None:
        return found + ([_effect(story, Outcome.MADE, place, now, "", mine[0][0])] if now else [])
    begun = next((i for i, m in mine if m.deed is Effect.DELETES and not m.refused), mine[-1][0])
    if now is None or now.uid != was.uid:
        return [*found, _effect(story, Outcome.DELETED, place, was, "", begun)]
    if now.deleting:
        held = f"held by {', '.join(now.finalizers)}"
        return [*found, _effect(story, Outcome.STUCK, place, was, held, begun)]
    changed = [(i, m) for i, m in mine if not m.refused]
    return found + (
        [_effect(story, Outcome.CHANGED, place, was, _change(was, now), changed[0][0])] if now != was else []
    )


def _effect(story: Trace, fate: Outcome, place: Id, was: SimObject | None, detail: str, index: int) -> Consequence:
    names = {world.identity: world.name for world in story.before.facts.clusters}
    return Consequence(
        fate, names[place.cluster], place.title, was.uid if was else "", detail, chain(story.moves, index, names)
    )


def chain(moves: Sequence[Transition], index: int, names: Mapping[str, str]) -> tuple[Link, ...]:
    """From the first cause to this move, in the order of events. `names` are the clusters' names by identity."""
    found: set[int] = set()
    open_ends = [index]
    while open_ends:
        at = open_ends.pop()
        if at not in found:
            found.add(at)
            open_ends += _causes(moves, at)
    return tuple(_link(moves[i], names) for i in sorted(found))


def _causes(moves: Sequence[Transition], index: int) -> list[int]:
    """The moves that led to this one: what took its cause away, and what had tied the object to that before."""
    move = moves[index]
    earlier = [i for i in range(index) if not moves[i].refused]
    own = [i for i in earlier if moves[i].place == move.place]
    marked = [i for i in own if moves[i].deed is Effect.DELETES]
    if move.deed is Effect.LETS_GO:
        return marked[-1:]
    if move.deed is Effect.MAKES:
        return own[-1:]
    tied = [i for i in own if moves[i].deed in TYING[move.deed]]
    of_cause = [i for i in earlier if moves[i].place == move.cause]
    gone = [i for i in of_cause if moves[i].after is None and move.deed is not Effect.BINDS]
    begun = [i for i in of_cause if moves[i].deed is Effect.DELETES and move.deed is not Effect.BINDS]
    return tied[-1:] + (gone or begun or of_cause)[-1:]


def _link(move: Transition, names: Mapping[str, str]) -> Link:
    cluster, cause = names[move.place.cluster], move.cause.title if move.cause else ""
    return Link(cluster, move.place.title, move.actor, move.deed, move.field, move.why, move.source, cause)


def _change(was: SimObject, now: SimObject) -> str:
    said = [f"label {k} is {v!r}" for k, v in now.labels if was.label(k) != v]
    said += [f"label {k} is gone" for k, _ in was.labels if now.label(k) is None]
    said += [f"owner {t.key} {t.name} is gone" for t in was.owners if t not in now.owners]
    said += [f"owner {t.key} {t.name} is new" for t in now.owners if t not in was.owners]
    said += [f"finalizer {f} is gone" for f in was.finalizers if f not in now.finalizers]
    said += [f"finalizer {f} is new" for f in now.finalizers if f not in was.finalizers]
    return ", ".join(said) or "replicas"


def lost(before: State, after: State) -> list[SimObject]:
    """The things of the first state that are gone, made anew or on their way in the second."""

    def hurt(was: SimObject) -> bool:
        now = after.things.get(was.id)
        return now is None or now.uid != was.uid or (now.deleting and not was.deleting)

    return [was for was in before.things.values() if hurt(was)]


def told(consequence: Consequence) -> str:
    """The chain of a consequence, one numbered line a link."""
    return "\n".join(
        f"  {n}. {link.actor} {link.deed} {link.object} on {link.cluster} ({link.field}): {link.why}"
        for n, link in enumerate(consequence.chain, 1)
    )
