"""Every interleaving of a small fleet, breadth first: the first loss found has the shortest trace."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ks_reset import catalogue
from ks_reset.catalogue.names import DEPLOYMENT_KEY
from ks_reset.catalogue.ownership import is_users
from ks_reset.simulation import ACTORS, State
from ks_reset.simulation.objects import Id
from tests.interleavings.tool import At, Tool, Turn

Node = tuple[State, At]
Extra = Callable[[State, At], Iterable[tuple[str, State]]]


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


def explore(tool: Tool | None, first: State, limit: int = 400_000, extra: Extra | None = None) -> Found:
    """Reach every state. A protected object counts as lost once it is gone, going, or another of the same name.

    `extra` are moves of somebody else: a person who starts a controller.
    """
    living = {i: t for i, t in first.objects.items() if not t.deleting}
    watched = {i: t.uid for i, t in living.items() if is_users(t.obj, first.cluster_facts(i.cluster))}
    start = (first, At())
    parents: dict[tuple[int, int], tuple[tuple[int, int] | None, str]] = {_key(start): (None, "at first")}
    queue: deque[Node] = deque([start])
    ends = 0
    while queue:
        state, at = queue.popleft()
        ends += at.over
        here = _key((state, at))
        for text, after, then in _turns(tool, state, at, extra):
            node = (after, then)
            if (key := _key(node)) in parents:
                continue
            parents[key] = (here, text)
            if after is not state and (lost := _lost(watched, after)):
                return Found(len(parents), _story(parents, key), lost, ends, whole=False)
            if len(parents) >= limit:
                return Found(len(parents), [], "", ends, whole=False)
            queue.append(node)
    return Found(len(parents), [], "", ends, whole=True)


def losses(first: State) -> tuple[set[Id], int]:
    """Every loss in some interleaving of the controllers alone, and the number of states."""
    seen, queue, lost = {hash(first)}, deque([first]), set[Id]()
    while queue:
        state = queue.popleft()
        lost |= {i for i, was in first.objects.items() if not was.deleting and _hurt(state, i, was.uid)}
        for _, after, _ in _turns(None, state, At(), None):
            if hash(after) not in seen:
                seen.add(hash(after))
                queue.append(after)
    return lost, len(seen)


def _turns(tool: Tool | None, state: State, at: At, extra: Extra | None) -> Iterable[Turn]:
    for actor in ACTORS:
        for move in actor(state):
            if not move.refused:
                text = f"{move.actor} {move.deed} {move.place.title}: {move.why}"
                yield text, state.with_changes([(move.place, move.after)]), at
    for text, after in (*_processes(state), *(extra(state, at) if extra else ())):
        yield text, after, at
    if tool:
        yield from tool.turns(state, at)


def _processes(state: State) -> Iterable[tuple[str, State]]:
    """A controller scaled to zero ends at some time; one with replicas starts at some time."""
    for each in state.by_kind.get(DEPLOYMENT_KEY, ()):
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


def _key(node: Node) -> tuple[int, int]:
    """128 bits of a state and of the position of the run."""
    state, at = node
    digests = tuple(sorted(each.digest for each in state.objects.values()))
    return hash((digests, state.seatbelt_on, at)), hash((state.key, at))


def _story(parents: dict[tuple[int, int], tuple[tuple[int, int] | None, str]], key: tuple[int, int]) -> list[str]:
    told: list[str] = []
    at: tuple[int, int] | None = key
    while at is not None:
        at, text = parents[at]
        told.append(text)
    return told[::-1]
