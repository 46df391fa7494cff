"""Playbooks with their steps in a wrong order, without some defences, with the worst timing of the controllers.

After every request of ks-reset the controllers are given all the time that they want, and use it in the way that loses
most. What stopped a run is what refused it, or nothing.
"""

import random
from collections.abc import Iterator
from dataclasses import replace

from msgspec import structs

from ks_reset.catalogue.ownership import is_users
from ks_reset.guards import GUARDS
from ks_reset.model import FleetFacts
from ks_reset.plan.playbook import Playbook
from ks_reset.simulation import State, run_controllers
from tests.interleavings.tool import At, Defences, Tool

BELT = ("fasten-seatbelt", "loosen-seatbelt")
NAMES = ("belt", "preflight", "approval", "quiet", *(guard.__module__.rpartition(".")[2] for guard in GUARDS))
ALL = Defences()
NONE = Defences(belt=False, preflight=False, approval=False, quiet=False, guards=())
TURNS = 400


def orders(book: Playbook, count: int, seed: int) -> Iterator[Playbook]:
    """The playbook with its steps in random orders; its seatbelt, if any, stays first and last."""
    chance = random.Random(seed)
    inner = [entry for entry in book.steps if entry.step not in BELT]
    first, last = ([e for e in book.steps if e.step == name] for name in BELT)
    for _ in range(count):
        chance.shuffle(inner)
        yield structs.replace(book, steps=(*first, *inner, *last))


def alone(name: str) -> Defences:
    """Only this defence."""
    guards = tuple(g for g in ALL.guards if g.__module__.rpartition(".")[2] == name)
    return replace(NONE, guards=guards) if guards else replace(NONE, **{name: True})


def lost(book: Playbook, facts: FleetFacts, defences: Defences) -> str:
    """The loss of a user after the run, "" without one."""
    tool, state, at = Tool(book, facts, defences), State.of(facts), At(lives=0)
    living = {i: t for i, t in state.objects.items() if not t.deleting}
    watched = {i: t.uid for i, t in living.items() if is_users(t.obj, state.cluster_facts(i.cluster))}
    for _ in range(TURNS):
        turn = next(iter(tool.turns(state, at)), None)
        if turn is None:
            return ""
        _, state, at = turn
        state = _quiet(run_controllers(state).after)
        for place, uid in watched.items():
            now = state.objects.get(place)
            if now is None or now.uid != uid or now.deleting:
                return place.title
    return ""


def _quiet(state: State) -> State:
    """Stopped controllers have ended, after all their possible transitions."""
    return state.with_running(frozenset(i for i in state.alive if i in state.objects and state.objects[i].replicas > 0))
