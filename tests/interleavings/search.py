"""Every interleaving of a small fleet, breadth first: the first loss found has the shortest trace."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ks_reset import catalogue
from ks_reset.catalogue.names import DEPLOYMENT_KEY
from ks_reset.catalogue.ownership import is_users
from ks_reset.simulation import ACTORS, State
from ks_reset.simulation.objects import Id
from tests.interleavings.tool import At, Tool

Extra = Callable[[State, At], Iterable[tuple[str, State]]]
Node = tuple[int, At]
"""The number of a state, and the position of the run."""
Moves = list[tuple[str, int]]


@dataclass(frozen=True)
class Found:
    """The number of states, of those with a finished run, and whether the search was complete.

    `story` is the shortest way to the first loss, `lost` what was lost; both empty if nothing can be.
    """

    states: int
    story: list[str]
    lost: str
    ends: int
    whole: bool


class States:
    """All states met, each with a number; what others than ks-reset may do in one is computed once."""

    def __init__(self, extra: Extra | None = None) -> None:
        self.states: list[State] = []
        self._extra = extra
        self._numbers: dict[State, int] = {}
        self._moves: dict[int, Moves] = {}
        self._people: dict[tuple[int, bool], Moves] = {}

    def number(self, state: State) -> int:
        """The number of a state; equal ones have the same."""
        number = self._numbers.setdefault(state, len(self.states))
        if number == len(self.states):
            self.states.append(state)
        return number

    def turns(self, node: Node, tool: Tool | None) -> Iterable[tuple[str, Node]]:
        """The next transitions of everybody."""
        number, at = node
        for text, after in (*self.moves(number), *self._moves_of_people(number, at)):
            yield text, (after, at)
        for text, state, then in tool.turns(self.states[number], at) if tool else ():
            yield text, (self.number(state), then)

    def moves(self, number: int) -> Moves:
        """The next transitions of the controllers."""
        if number not in self._moves:
            self._moves[number] = self._numbered(_moves_of_controllers(self.states[number]))
        return self._moves[number]

    def _moves_of_people(self, number: int, at: At) -> Moves:
        if self._extra is None:
            return []
        key = number, at.over
        if key not in self._people:
            self._people[key] = self._numbered(self._extra(self.states[number], at))
        return self._people[key]

    def _numbered(self, moves: Iterable[tuple[str, State]]) -> Moves:
        return [(text, self.number(state)) for text, state in moves]


def explore(tool: Tool | None, first: State, limit: int = 400_000, extra: Extra | None = None) -> Found:
    """Reach every state. A protected object counts as lost once it is gone, going, or another of the same name.

    `extra` are moves of somebody else: a person who starts a controller; of a run they see whether it is over.
    """
    living = {i: t for i, t in first.objects.items() if not t.deleting}
    watched = {i: t.uid for i, t in living.items() if is_users(t.obj, first.cluster_facts(i.cluster))}
    known = States(extra)
    start = known.number(first), At()
    parents: dict[Node, tuple[Node | None, str]] = {start: (None, "at first")}
    queue: deque[Node] = deque([start])
    ends = 0
    while queue:
        here = queue.popleft()
        ends += here[1].over
        for text, node in known.turns(here, tool):
            if node in parents:
                continue
            parents[node] = (here, text)
            if node[0] != here[0] and (lost := _lost(watched, known.states[node[0]])):
                return Found(len(parents), _story(parents, node), lost, ends, whole=False)
            if len(parents) >= limit:
                return Found(len(parents), [], "", ends, whole=False)
            queue.append(node)
    return Found(len(parents), [], "", ends, whole=True)


def losses(first: State) -> tuple[set[Id], int]:
    """Every loss in some interleaving of the controllers alone, and the number of states."""
    known, lost, number = States(), set[Id](), 0
    known.number(first)
    while number < len(known.states):  # grows meanwhile
        state = known.states[number]
        lost |= {i for i, was in first.objects.items() if not was.deleting and _hurt(state, i, was.uid)}
        known.moves(number)
        number += 1
    return lost, number


def _moves_of_controllers(state: State) -> Iterable[tuple[str, State]]:
    for actor in ACTORS:
        for move in actor(state):
            if not move.refused:
                text = f"{move.actor} {move.deed} {move.place.title}: {move.why}"
                yield text, state.with_changes([(move.place, move.after)])
    yield from _processes(state)


def _processes(state: State) -> Iterable[tuple[str, State]]:
    """A controller scaled to zero ends at some time; one with replicas starts at some time."""
    for each in state.of_kind(DEPLOYMENT_KEY):
        if catalogue.is_reacting_controller(each.obj):
            if each.replicas == 0 and each.id in state.alive:
                yield f"{each.id.title} ends", state.with_running(state.alive - {each.id})
            elif each.replicas > 0 and each.id not in state.alive:
                yield f"{each.id.title} starts", state.with_running(state.alive | {each.id})
    for gone in [i for i in state.alive if i not in state.objects]:
        yield f"{gone.title} ends", state.with_running(state.alive - {gone})


def _lost(watched: dict[Id, str], state: State) -> str:
    for place, uid in watched.items():
        if _hurt(state, place, uid):
            return place.title
    return ""


def _hurt(state: State, place: Id, uid: str) -> bool:
    now = state.objects.get(place)
    return now is None or now.uid != uid or now.deleting


def _story(parents: dict[Node, tuple[Node | None, str]], node: Node) -> list[str]:
    told: list[str] = []
    at: Node | None = node
    while at is not None:
        at, text = parents[at]
        told.append(text)
    return told[::-1]
