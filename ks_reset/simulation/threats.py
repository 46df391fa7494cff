"""What of the users' is in danger: as things stand, once stopped controllers run again, or with the next install."""

from collections.abc import Sequence
from functools import lru_cache

from ks_reset import catalogue
from ks_reset.catalogue.ownership import protected
from ks_reset.model import FleetFacts
from ks_reset.simulation.chains import Consequence, Outcome, effects, told
from ks_reset.simulation.events import installed, started
from ks_reset.simulation.objects import SimObject
from ks_reset.simulation.run import settle
from ks_reset.simulation.state import State

Danger = tuple[str, SimObject, Consequence]
"""When, what, and by which chain."""
NOW = "as things stand"
RESTART = "once KubeSphere's and kubefed's controllers run again"
INSTALL = "as soon as the Workspace CRD is applied again, the first act of a reinstall"


def threats(facts: FleetFacts) -> dict[str, list[tuple[SimObject, Consequence]]]:
    """The protected objects that would be lost, with the chain, by when; each under the earliest time alone."""
    return _threats(_Key(facts))


def threatened(facts: FleetFacts) -> list[SimObject]:
    """All of them, in the order of the facts."""
    return [thing for found in threats(facts).values() for thing, _ in found]


class _Key:
    """Facts are not hashable; the same value is asked for by several rules and steps in a row."""

    def __init__(self, facts: FleetFacts) -> None:
        self.facts = facts

    def __hash__(self) -> int:
        return id(self.facts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other.facts is self.facts


@lru_cache(maxsize=4)
def _threats(key: _Key) -> dict[str, list[tuple[SimObject, Consequence]]]:
    state = State.of(key.facts).belt(frozenset())
    running = started(state, catalogue.reacts)
    suppositions = {NOW: state, RESTART: running, INSTALL: installed(running)}
    seen: set[tuple[str, str]] = set()
    found: dict[str, list[tuple[SimObject, Consequence]]] = {}
    for when, supposed in suppositions.items():
        lost = [(t, e) for t, e in effects(settle(supposed)) if _lost(t, e) and (t.id.cluster, t.uid) not in seen]
        seen.update((t.id.cluster, t.uid) for t, _ in lost)
        found[when] = lost
    return found


def _lost(thing: SimObject, effect: Consequence) -> bool:
    gone = effect.fate is Outcome.DELETED or (effect.fate is Outcome.STUCK and not thing.deleting)
    return gone and protected(thing.obj)


def in_danger(facts: FleetFacts, title: str) -> list[Danger]:
    """What would be lost by way of one object, with when."""
    found = [(when, thing, effect) for when, lost in threats(facts).items() for thing, effect in lost]
    others = [danger for danger in found if danger[1].id.title != title]
    return [danger for danger in others if any(title in (link.object, link.cause) for link in danger[2].chain)]


def said(dangers: Sequence[Danger]) -> str:
    """In a sentence or two: when, how many of which type, which namespaces, and the last link of the chain."""
    whens = list(dict.fromkeys(when for when, _, _ in dangers))
    sentences = []
    for when in whens:
        mine = [(thing, effect) for w, thing, effect in dangers if w == when]
        spaces = [thing.id.name for thing, _ in mine if thing.id.key == "Namespace"]
        named = f", with the namespace(s) {', '.join(dict.fromkeys(spaces))}" if spaces else ""
        sentences.append(f"{len(mine)} object(s) of users would be lost {when}{named}.")
    return " ".join(sentences)


LOST = (Outcome.DELETED, Outcome.STUCK)


def why_lost(state: State, cluster: str, name: str, key: str = "Namespace") -> str:
    """The chain, as things stood or with a controller started again that was stopped; or that there is none."""
    for supposed in (state, started(state, catalogue.reacts)):
        for thing, effect in effects(settle(supposed.belt(frozenset()))):
            if (thing.id.cluster, thing.id.key, thing.id.name) == (cluster, key, name) and effect.fate in LOST:
                return f"The chain that leads there:\n{told(effect)}"
    return (
        "No controller that ks-reset knows would do that as things stood: somebody, or something else, deleted it. "
        "The API server's audit log says who."
    )
