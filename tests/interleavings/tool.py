"""ks-reset as an actor of the simulation: its real plans and guards, one request at a time, killed at any moment.

Writes of one type rest on one look, as in `apply/write/flight.py`: the look is one turn, and each of their requests
another one, in any order, with any events between them. What the step has read is as old as its begin: the objects, and
all that guards ask but the seatbelt and the controllers. A request is bound to its object as read; if the object has
changed, it is looked at alone. A write that needs a look of its own takes two turns: it looks, and then it sends.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import takewhile
from typing import get_args

from ks_reset.apply.write.alone import needs_own_look
from ks_reset.errors import ResetError
from ks_reset.guards import GUARDS, Guard, GuardContext, controllers_quiet, no_dependents, seatbelt_on
from ks_reset.model import (
    Action,
    Delete,
    Obj,
    ObjectWrite,
    RemoveMarks,
    SeatbeltOff,
    SeatbeltOn,
    WaitQuiet,
    WatchWorkspaces,
)
from ks_reset.plan.playbook import Playbook
from ks_reset.simulation import State
from ks_reset.simulation.actions import apply_action
from ks_reset.simulation.objects import Id, SimObject
from ks_reset.simulation.reading import as_obj
from tests.interleavings.outlook import Outlook, Outlooks

SEATBELT = (SeatbeltOn, SeatbeltOff)
SHARED = "all alike"
AT_THE_MOMENT = (controllers_quiet.guard, seatbelt_on.guard)
"""The guards that rest on a look alone; all others rest on the facts of the step as well."""


@dataclass(frozen=True)
class Defences:
    """The defences against a wrong order; each can be removed to measure its effect."""

    belt: bool = True
    preflight: bool = True
    quiet: bool = True
    approval: bool = True
    guards: tuple[Guard, ...] = GUARDS

    def without(self, name: str) -> "Defences":
        """The same without one of them: a field's name, or that of a guard's module."""
        if name in ("belt", "preflight", "quiet", "approval"):
            return replace(self, **{name: False})
        return replace(self, guards=tuple(g for g in self.guards if g.__module__.rpartition(".")[2] != name))


@dataclass(frozen=True)
class At:
    """Where a run stands: which step, which of its actions, and what has been looked at.

    step -1 is a run that has not begun, or was killed. `lives` is how often it may still be killed. `looked` is the
    action looked at alone, by its id, or SHARED for all of the same type at the head.
    """

    step: int = -1
    todo: tuple["Write", ...] = ()
    looked: str = ""
    lives: int = 1
    over: bool = False

    def without(self, write: "Write") -> "At":
        """The same after one write; a shared look serves the others."""
        left = tuple(each for each in self.todo if each is not write)
        shared = self.looked == SHARED and bool(left) and left[0].alike == write.alike
        return replace(self, todo=left, looked=SHARED if shared else "")

    def alone(self, write: "Write", looked: str = "") -> "At":
        """The same with this write at the head, to be looked at alone."""
        first = replace(write, shared=False)
        return replace(self, todo=(first, *(each for each in self.todo if each is not write)), looked=looked)


@dataclass(frozen=True)
class Write:
    """An action of a step: its object as the step has read it, and whether guards asked with its facts let it pass."""

    id: str
    read: SimObject | None
    sound: bool
    shared: bool
    action: Action = field(compare=False)

    @property
    def alike(self) -> tuple[object, ...]:
        """Equal for the writes that fly together."""
        return (self.shared or self.id, type(self.action), self.action.cluster, self.action.kind)

    @property
    def place(self) -> Id:
        return Id(self.action.cluster, self.action.kind.key, self.action.namespace, self.action.name)


Turn = tuple[str, State, At]


class Tool:
    """One playbook, applied to a fleet with these defences, from a plan of the first state."""

    def __init__(self, playbook: Playbook, outlooks: Outlooks, defences: Defences) -> None:
        self.playbook, self.defences, self.steps = playbook, defences, tuple(step.name for step in playbook.chosen)
        self._outlooks = outlooks

    def turns(self, state: State, at: At) -> Iterable[Turn]:
        """The next transitions of a run; none after its end or a refusal."""
        if at.over:
            return
        if at.step >= 0 and at.lives:
            yield "ks-reset is killed", state, At(lives=at.lives - 1)
        if at.step < 0:
            if self._may_begin(self._outlook(state)):
                yield "ks-reset begins", state, self._enter(state, at, 0)
        elif not at.todo:
            yield "ks-reset ends its step", state, self._enter(state, at, at.step + 1)
        else:
            yield from self._work(state, at)

    def _may_begin(self, outlook: Outlook) -> bool:
        harmless = outlook.is_unblocked and outlook.is_harmless if self.defences.preflight else outlook.plan is not None
        return harmless and bool(outlook.plan and outlook.plan.actions) and self._is_approved(outlook)

    def _is_approved(self, outlook: Outlook) -> bool:
        return outlook.is_approved or not self.defences.approval

    def _enter(self, state: State, at: At, step: int) -> At:
        """The next step with its remaining actions; an action without approval ends the run."""
        if step == len(self.steps):
            return At(over=True)
        outlook, name = self._outlook(state), self.steps[step]
        plan = outlook.plan
        if plan is None:
            return At(over=True)
        if not self._is_approved(outlook):
            return At(lives=at.lives)
        todo = [a for a in plan.actions if a.step == name and not isinstance(a, WatchWorkspaces)]
        todo = [a for a in todo if self.defences.belt or not isinstance(a, SEATBELT)]
        return At(step, tuple(self._as_write(state, action) for action in todo), lives=at.lives)

    def _as_write(self, state: State, action: Action) -> Write:
        read = state.objects.get(Id(action.cluster, action.kind.key, action.namespace, action.name))
        if read is None or not isinstance(action, get_args(ObjectWrite)):
            return Write(action.id, read, sound=True, shared=False, action=action)
        now = as_obj(read)
        sound = self._passes(state, action, now, lambda guard: guard not in AT_THE_MOMENT)
        return Write(action.id, read, sound, not needs_own_look(action, now), action)

    def _work(self, state: State, at: At) -> Iterable[Turn]:
        head = at.todo[0]
        action = head.action
        if isinstance(action, WaitQuiet):
            if head.place not in state.alive or not self.defences.quiet:
                yield f"{action.target} is quiet", state, at.without(head)
        elif isinstance(action, SEATBELT):
            yield f"ks-reset: {action.verb} on {action.cluster}", apply_action(state, action)[0], at.without(head)
        elif head.shared:
            yield from self._fly(state, at, head)
        elif at.looked != head.id:
            yield from self._look_alone(state, at, head)
        else:
            yield self._send(state, at, head)

    def _fly(self, state: State, at: At, head: Write) -> Iterable[Turn]:
        """One look for all alike; then each of them may be sent, as long as its object is as read."""
        if at.looked != SHARED:
            if self._passes(
                state, head.action, as_obj(head.read or state.objects[head.place]), AT_THE_MOMENT.__contains__
            ):
                yield (
                    f"ks-reset looks for {head.action.verb} of {head.action.kind.key}",
                    state,
                    replace(at, looked=SHARED),
                )
            return
        for write in takewhile(lambda each: each.alike == head.alike, at.todo):
            now = state.objects.get(write.place)
            if now is None:
                yield f"{write.action.target} is gone already", state, at.without(write)
            elif _is_bound(write, now):
                if write.sound:
                    yield self._send(state, at, write)
            else:
                yield f"{write.action.target} has changed", state, at.alone(write)

    def _look_alone(self, state: State, at: At, head: Write) -> Iterable[Turn]:
        """What the facts of the step refuse is refused; everything but dependents is read again."""
        if (now := state.objects.get(head.place)) is None:
            yield f"{head.action.target} is gone already", state, at.without(head)
        elif head.sound and self._passes(
            state, head.action, as_obj(now), lambda guard: guard is not no_dependents.guard
        ):
            yield f"ks-reset looks at {head.action.target}", state, replace(at, looked=head.id)

    def _send(self, state: State, at: At, write: Write) -> Turn:
        after, move = apply_action(state, write.action)
        refused = f", refused: {move.refused}" if move and move.refused else ""
        return f"ks-reset: {write.id}{refused}", after, At(lives=at.lives) if refused else at.without(write)

    def _passes(self, state: State, action: Action, now: Obj, asked: Callable[[Guard], bool]) -> bool:
        facts = self._outlook(state).facts
        world = facts.cluster(action.cluster)
        assert world
        belted = action.cluster in state.seatbelt_on if self.defences.belt else None
        restarted = tuple(o.title for w in facts.clusters for o in w.of("Deployment.apps") if self._restarted(o))
        site = GuardContext(world, world.identity, self._doomed, restarted, belted)
        try:
            for guard in filter(asked, self.defences.guards):
                guard(action, now, site)
        except ResetError:
            return False
        return True

    @cached_property
    def _doomed(self) -> frozenset[str]:
        return frozenset(a.uid for a in self._outlooks.approved(self.playbook).actions if isinstance(a, Delete))

    @cached_property
    def _stopped(self) -> frozenset[tuple[str, str]]:
        return frozenset(
            (a.namespace, a.name) for a in self._outlooks.approved(self.playbook).actions if isinstance(a, WaitQuiet)
        )

    def _restarted(self, deployment: Obj) -> bool:
        return (deployment.namespace, deployment.name) in self._stopped and deployment.spec.get("replicas", 1) > 0

    def _outlook(self, state: State) -> Outlook:
        return self._outlooks.of(self.playbook, state)


def _is_bound(write: Write, now: SimObject) -> bool:
    """Whether the API server accepts a request bound to the object as read: labels are tested, all else the version."""
    if write.read is None or now.uid != write.read.uid:
        return False
    marks = write.action.marks if isinstance(write.action, RemoveMarks) else None
    return now == write.read or (marks is not None and not marks.finalizers)
