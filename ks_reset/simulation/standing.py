"""What facts lead to as they stand, computed once: findings, steps, forecast and messages ask for the same."""

from functools import lru_cache

from ks_reset.model import FleetFacts
from ks_reset.simulation.run import Trace, run_controllers
from ks_reset.simulation.state import State


class FactsKey:
    """Makes facts hashable by identity: several rules and steps in a row ask for the same value."""

    def __init__(self, facts: FleetFacts) -> None:
        self.facts = facts

    def __hash__(self) -> int:
        return id(self.facts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FactsKey) and other.facts is self.facts


def state_of(facts: FleetFacts) -> State:
    """The state the facts describe."""
    return _state_of(FactsKey(facts))


def as_things_stand(facts: FleetFacts) -> Trace:
    """What all controllers that run do to the end; the seatbelt is taken as off."""
    return _as_things_stand(FactsKey(facts))


@lru_cache(maxsize=2)
def _state_of(key: FactsKey) -> State:
    return State.of(key.facts)


@lru_cache(maxsize=2)
def _as_things_stand(key: FactsKey) -> Trace:
    return run_controllers(state_of(key.facts).with_seatbelt_on(frozenset()))
