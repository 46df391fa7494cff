"""Compares the simulation's predictions for a batch of random fleets with the real outcome."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ks_reset import catalogue
from ks_reset.model import FleetFacts
from ks_reset.simulation import Trace, as_numbered_lines, consequences_of, lost_objects, run_controllers
from ks_reset.simulation.events import start_controllers
from ks_reset.simulation.move import Transition
from ks_reset.simulation.objects import Id, SimObject
from ks_reset.simulation.state import State
from tests.differential import build
from tests.differential.build import World
from tests.differential.real import Pair, each, served

BY_ITSELF = ("PropagatedVersion.core.kubefed.io", "ClusterPropagatedVersion.core.kubefed.io", "Endpoints")
"""What Kubernetes and kubefed keep of other objects, make and take away with them: no rule is written about these."""

Watched = dict[Id, SimObject]


@dataclass
class Tally:
    """`missed` are losses without a prediction, with the actual predictions; `over` counts false predictions."""

    clusters: int = 0
    objects: int = 0
    lost: int = 0
    over: int = 0
    stuck_alike: int = 0
    stuck_other: int = 0
    missed: list[str] = field(default_factory=list)
    overs: list[str] = field(default_factory=list)
    rules: Counter[str] = field(default_factory=Counter)
    names: frozenset[str] = frozenset()

    def ours(self, place: Id) -> bool:
        """Whether an object belongs to the current batch."""
        return (place.namespace or place.name)[:4] in self.names and place.key not in BY_ITSELF

    def count(self, before: State, stories: list[Trace], after: State) -> tuple[Watched, set[Id], set[Id]]:
        """The objects of the batch, those really lost, and those lost in a prediction; all are added to the counts."""
        watched = {i: t for i, t in before.objects.items() if self.ours(i)}
        really = {t.id for t in lost_objects(before, after) if t.id in watched}
        said = {t.id for story in stories for t in lost_objects(before, story.after) if t.id in watched}
        self.objects += len(watched)
        self.lost += len(really)
        self.over += len(said - really)
        return watched, really, said

    def add(self, before: State, stories: list[Trace], after: State) -> None:
        """Compare predictions (several if the order of events is open) with the facts."""
        watched, really, said = self.count(before, stories, after)
        self.missed += [f"{i.title} on {_name(before, i)}: {_told(stories, i)}" for i in sorted(really - said)]
        self.overs += [f"{i.title} on {_name(before, i)}: {_told(stories, i)}" for i in sorted(said - really)]
        for story in stories:
            happened = (m for m in story.transitions if self.ours(m.place) and _happened(m, after))
            self.rules.update(f"{move.actor} {move.deed}" for move in happened)
        last = stories[-1].after
        for place in really & said:
            here, there = after.objects.get(place), last.objects.get(place)
            alike = (here is None or here.uid != watched[place].uid) == (
                there is None or there.uid != watched[place].uid
            )
            self.stuck_alike += alike
            self.stuck_other += not alike


def stand(pair: Pair, worlds: list[World], tally: Tally) -> Callable[[str], bool]:
    """Build the worlds, all at once; whether a namespace or an object without one belongs to them, by its name."""
    names = tally.names = frozenset(w.name for w in worlds)
    each(job for w in worlds for job in w.namespaces(pair))
    served(pair.clusters["host"], [w.own for w in worlds if w.drawn.typed >= 0])
    each(job for w in worlds for job in w.objects(pair))
    each(job for w in worlds for job in w.federated(pair))
    return lambda name: name[:4] in names


def batch(pair: Pair, worlds: list[World], tally: Tally) -> None:
    """Build the worlds, tie them, do their deeds, and compare twice."""
    ours = stand(pair, worlds, tally)
    built = pair.quiescent(ours)
    state = before = State.of(built)
    for world in worlds:
        state = build.tied(state, world, built)
    each(job for w in worlds for job in w.ties(pair, built))
    tied = pair.quiescent(ours)
    tally.add(before, [_story(before, run_controllers(state))], State.of(tied))

    before = State.of(tied)
    each(_deeds(pair, world) for world in worlds)
    ended = pair.quiescent(ours)
    tally.add(before, _predictions(before, worlds, tied), State.of(ended))
    tally.clusters += len(worlds)


def flapping(pair: Pair, worlds: list[World], tally: Tally) -> None:
    """Build the fleets, then run kubefed with a second record of the host: objects placed on one record only flap."""
    ours = stand(pair, worlds, tally)
    pair.quiescent(ours)
    pair.kubefed(0)
    pair.join_stale()
    before = State.of(pair.facts())
    prediction = run_controllers(start_controllers(before, catalogue.is_reacting_controller))
    pair.kubefed(1)
    time.sleep(25)  # kubefed lists everything of every cluster before it begins
    ended = pair.quiescent(ours, 25)
    tally.add(before, [_story(before, prediction)], State.of(ended))
    tally.clusters += len(worlds)


def _deeds(pair: Pair, world: World) -> Callable[[], object]:
    jobs = [job for one in world.drawn.deeds if (job := build.deed(world, one, pair))]
    return lambda: [each([job]) for job in jobs]


def _predictions(before: State, worlds: list[World], facts: FleetFacts) -> list[Trace]:
    """Predictions for deeds in immediate succession, and for deeds after the controllers have settled."""
    at_once = apart = before
    moves = []
    for turn in range(4):
        for world in worlds:
            if turn < len(world.drawn.deeds):
                at_once = build.done(at_once, world, world.drawn.deeds[turn], facts)
                apart = build.done(apart, world, world.drawn.deeds[turn], facts)
        story = run_controllers(apart)
        moves += story.transitions
        apart = story.after
    return [_story(before, run_controllers(at_once)), Trace(before, tuple(moves), apart)]


def _story(before: State, story: Trace) -> Trace:
    return Trace(before, story.transitions, story.after)


def _happened(move: Transition, after: State) -> bool:
    """Whether the simulated changes are in the final facts."""
    now = after.objects.get(move.place)
    if move.after is None or now is None:
        return move.after is None and now is None
    same = (now.deleting, now.owners) == (move.after.deleting, move.after.owners)
    return same and set(move.after.labels) <= set(now.labels)


def _told(stories: Iterable[Trace], place: Id) -> str:
    found = [as_numbered_lines(e) for story in stories for thing, e in consequences_of(story) if thing.id == place]
    return found[0].strip() if found else "nothing was predicted"


def _name(state: State, place: Id) -> str:
    return state.cluster_facts(place.cluster).name
