"""Compares what the simulation says of random tenants with what happens to them."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice, product

from msgspec import structs

from ks_reset import catalogue
from ks_reset.model import FleetFacts
from ks_reset.simulation import Trace, lost_objects, run_controllers
from ks_reset.simulation.chains import History
from ks_reset.simulation.events import start_controllers
from ks_reset.simulation.move import Effect, Transition
from ks_reset.simulation.objects import Id
from ks_reset.simulation.run import TIERS, Tiers
from ks_reset.simulation.state import State
from tests.differential.compare import Tally, _name
from tests.differential.real import each
from tests.differential.tenants import build
from tests.differential.tenants.build import World
from tests.differential.tenants.draw import joinable
from tests.differential.tenants.orders import ORDERS
from tests.differential.tenants.real import STARTING, Tenancy

TURNS, SHOWN = 3, 12
WAYS = ("as it is", "without a record", "with a twin")


@dataclass
class TenantTally(Tally):
    """A Tally of the objects of tenants: an object belongs to the batch by its name's first six letters.

    `certain` are false predictions in every order of events that is tried: those are no lost races.
    """

    certain: int = 0

    def ours(self, place: Id) -> bool:
        return (place.namespace or place.name)[:6] in self.names

    def add(self, before: State, stories: list[Trace], after: State, sparing: Sequence[Trace] = ()) -> None:
        """Compare predictions (several if the order of events is open) with the facts; `sparing` may lose less."""
        _, really, said = self.count(before, stories, after)
        always = [{subject.id for subject in lost_objects(before, story.after)} for story in (*stories, *sparing)]
        self.certain += len((said - really).intersection(*always))
        self.missed += [f"{i.title} on {_name(before, i)}" for i in sorted(really - said)]
        told = (i for i in sorted(said - really) if not i.namespace)
        self.overs += [f"{i.title}: {_chain_to(stories, i)}" for i in islice(told, SHOWN)]
        for story in stories:
            self.rules.update(f"{m.actor} {m.deed} {m.place.key}" for m in story.transitions if self.ours(m.place))


def _chain_to(stories: list[Trace], place: Id) -> str:
    """The first chain that deletes the object, as sentences."""
    for story in stories:
        for index, move in enumerate(story.transitions):
            if move.place == place and move.deed is Effect.DELETES and not move.refused:
                links = History(story).causal_chain(index)
                return "; ".join(f"{link.actor} {link.deed} {link.object} on {link.cluster}" for link in links)
    return "no deletion"


def batch(fleet: Tenancy, worlds: list[World], tally: TenantTally, way: str = WAYS[0]) -> None:
    """Build the worlds while the controllers are stopped, start these, then do the deeds; compare after both.

    `way` says what else has changed meanwhile: the member's KubeFedCluster is gone (3.x), or it has two Clusters (4.x).
    """
    if way == WAYS[1]:
        worlds = [structs.replace(world, drawn=joinable(world.drawn)) for world in worlds]
    names = tally.names = frozenset(world.name for world in worlds)
    ours: Callable[[str], bool] = lambda name: name[:6] in names  # noqa: E731
    fleet.run(0)
    each(job for world in worlds for job in world.objects(fleet))
    each(job for world in worlds for job in world.contents(fleet))
    if way == WAYS[1] and not fleet.is_4:
        fleet.forget("test")
    if way == WAYS[2] and fleet.is_4:
        fleet.twin()
    _compare_start(fleet, worlds, tally, ours)
    _compare_deeds(fleet, worlds, tally, ours)
    if way == WAYS[2] and fleet.is_4:
        fleet.run(0)
        fleet.untwin()
    tally.clusters += len(worlds)


def _compare_start(fleet: Tenancy, worlds: list[World], tally: TenantTally, ours: Callable[[str], bool]) -> None:
    """Owners on the namespaces, then every controller starts."""
    built = fleet.facts()
    before = state = State.of(built)
    for world in worlds:
        state = build.tied(state, world, fleet, built)
    started = start_controllers(state, catalogue.is_reacting_controller)
    story = run_controllers(started)
    each(job for world in worlds for job in world.ties(fleet, built))
    fleet.run(1)
    if not fleet.is_4:
        time.sleep(STARTING)
    stories = [Trace(before, story.transitions, story.after)]
    tally.add(before, stories, State.of(fleet.quiescent(ours)), [run_controllers(started, order) for order in ORDERS])


def _compare_deeds(fleet: Tenancy, worlds: list[World], tally: TenantTally, ours: Callable[[str], bool]) -> None:
    settled = fleet.facts()
    before = State.of(settled)
    stories = _predictions(fleet, before, worlds, settled)
    sparing = [story for order in ORDERS for story in _predictions(fleet, before, worlds, settled, order)]
    each(_deeds(fleet, world) for world in worlds)
    tally.add(before, stories, State.of(fleet.quiescent(ours)), sparing)


def _deeds(fleet: Tenancy, world: World) -> Callable[[], object]:
    jobs = [build.deed(world, one, fleet) for one in world.drawn.deeds]
    return lambda: [each([job]) for job in jobs]


def _predictions(
    fleet: Tenancy, before: State, worlds: list[World], facts: FleetFacts, order: Tiers = TIERS
) -> list[Trace]:
    """One prediction for each way to pause: after a deed the controllers have settled, or the next one is too soon."""
    ways = product((False, True), repeat=TURNS - 1)
    return [_prediction(fleet, before, worlds, facts, pauses, order) for pauses in ways]


def _prediction(
    fleet: Tenancy, before: State, worlds: list[World], facts: FleetFacts, pauses: tuple[bool, ...], order: Tiers
) -> Trace:
    state, moves = before, list[Transition]()
    for turn, pause in enumerate((*pauses, True)):
        for world in worlds:
            if turn < len(world.drawn.deeds):
                state = build.done(state, world, world.drawn.deeds[turn], fleet, facts)
        if pause:
            story = run_controllers(state, order)
            moves += story.transitions
            state = story.after
    return Trace(before, tuple(moves), state)
