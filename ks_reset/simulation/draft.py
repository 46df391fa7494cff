"""A state changed in place: the requests of a step one after the other, without a copy of the fleet for each."""

from collections import Counter
from collections.abc import Iterable
from functools import cached_property

from ks_reset.simulation.memo import ALIVE, memo_without
from ks_reset.simulation.objects import Id, SimObject
from ks_reset.simulation.state import State, change_object

VIEWS = ("key", "by_uid", "dependents", "by_namespace", "by_application")


class Draft(State):
    """Each change returns the draft itself. The state it is made from stays as it is."""

    def __init__(self, state: State) -> None:
        kinds = {key: dict(objects) for key, objects in state.kinds.items()}
        about = state.facts, dict(state.objects), state.alive, state.seatbelt_on, state.shielded
        super().__init__(*about, kinds, dict(state.memo))

    def with_changes(self, changes: Iterable[tuple[Id, SimObject | None]]) -> State:
        changes = list(changes)
        for place, after in changes:
            self._count(self.objects.get(place), -1)
            self._count(after, 1)
            change_object(self.objects, place, after)
            change_object(self.kinds.setdefault(place.key, {}), place, after)
        self._forget({place.key for place, _ in changes})
        return self

    def with_running(self, alive: frozenset[Id]) -> State:
        self.alive = alive
        self._forget({ALIVE})
        return self

    def with_seatbelt_on(self, belted: frozenset[str]) -> State:
        self.seatbelt_on = belted
        self._forget(set())
        return self

    def is_uid_known(self, cluster: str, uid: str) -> bool:
        return self._uids[cluster, uid] > 0

    def finished(self) -> State:
        """The state after all changes; the draft is not changed any more."""
        return State(self.facts, self.objects, self.alive, self.seatbelt_on, self.shielded, self.kinds, self.memo)

    def _forget(self, touched: set[str]) -> None:
        self.memo = memo_without(self.memo, touched)
        for view in VIEWS:
            self.__dict__.pop(view, None)

    @cached_property
    def _uids(self) -> Counter[tuple[str, str]]:
        """How many objects have or name a UID, by cluster and UID."""
        return Counter(key for subject in self.objects.values() for key in _uids_of(subject))

    def _count(self, subject: SimObject | None, number: int) -> None:
        if subject and "_uids" in self.__dict__:
            for key in _uids_of(subject):
                self._uids[key] += number


def _uids_of(subject: SimObject) -> Iterable[tuple[str, str]]:
    yield subject.id.cluster, subject.uid
    yield from ((subject.id.cluster, tie.uid) for tie in subject.owners)
