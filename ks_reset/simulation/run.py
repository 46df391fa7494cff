"""Let every controller act until none has anything left to do, in the order that loses most.

What comes first enables or destroys, what comes last repairs: an object that any interleaving can lose is lost here.
That is checked, not assumed: against every interleaving of small worlds, and against real control planes.
"""

from collections.abc import Callable, Iterable

from msgspec import Struct

from ks_reset.simulation.actors import (
    crd_finalizer,
    garbage_collector,
    ks_controller_manager,
    kubefed,
    namespace_controller,
    volume_protection,
)
from ks_reset.simulation.move import Transition
from ks_reset.simulation.state import State

Actor = Callable[[State], Iterable[Transition]]
TIERS: tuple[tuple[Actor, ...], ...] = (
    (
        garbage_collector.moves,
        namespace_controller.moves,
        crd_finalizer.moves,
        volume_protection.moves,
        ks_controller_manager.releases,
    ),
    (ks_controller_manager.destroys, ks_controller_manager.cascades),
    (ks_controller_manager.binds,),
    (kubefed.destroys,),
    (kubefed.makes,),
    (kubefed.adopts,),
    (ks_controller_manager.unbinds,),
)
ACTORS: tuple[Actor, ...] = tuple(actor for tier in TIERS for actor in tier)


class Trace(Struct, frozen=True):
    """What happened from one state to another, in order."""

    before: State
    moves: tuple[Transition, ...]
    after: State


def settle(state: State) -> Trace:
    """Run to the end. A move that was made once for an object and its UID is not made again: what flaps, ends."""
    seen: set[tuple[object, ...]] = set()
    story: list[Transition] = []
    now = state
    while fresh := _next(now, seen):
        seen.update(_key(now, move) for move in fresh)
        story += fresh
        now = now.put((move.place, move.after) for move in fresh if not move.refused)
    return Trace(state, tuple(story), now)


def _next(state: State, seen: set[tuple[object, ...]]) -> list[Transition]:
    """The moves of the first tier that has any, one for each object."""
    for tier in TIERS:
        fresh: dict[object, Transition] = {}
        for actor in tier:
            for move in actor(state):
                if _key(state, move) not in seen:
                    fresh.setdefault(move.place, move)
        if fresh:
            return list(fresh.values())
    return []


def _key(state: State, move: Transition) -> tuple[object, ...]:
    was = state.things.get(move.place)
    return move.actor, move.deed, move.place, was.uid if was else "", move.after, bool(move.refused)
