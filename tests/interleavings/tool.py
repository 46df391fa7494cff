"""ks-reset as an actor of the simulation: its real plans and guards, one request at a time, killed at any moment.

Each write takes two turns: it looks (facts, guards), and then it sends; whatever others do in between, it does not see.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

from ks_reset.errors import ResetError
from ks_reset.guards import GUARDS, Guard, GuardContext
from ks_reset.model import (
    Action,
    Delete,
    Obj,
    SeatbeltOff,
    SeatbeltOn,
    WaitQuiet,
    WatchWorkspaces,
)
from ks_reset.plan.playbook import Playbook
from ks_reset.simulation import State
from ks_reset.simulation.actions import apply_action
from ks_reset.simulation.objects import Id
from ks_reset.simulation.reading import as_obj
from tests.interleavings.outlook import Outlook, Outlooks

SEATBELT = (SeatbeltOn, SeatbeltOff)


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
    """Where a run stands: which step, which of its actions, and whether the next one has been looked at.

    step -1 is a run that has not begun, or was killed. `lives` is how often it may still be killed.
    """

    step: int = -1
    todo: tuple[Action, ...] = field(default=(), compare=False)
    names: tuple[str, ...] = ()
    looked: bool = False
    lives: int = 1
    over: bool = False

    def __hash__(self) -> int:
        return hash((self.step, self.names, self.looked, self.lives, self.over))


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
        todo = tuple(a for a in plan.actions if a.step == name and not isinstance(a, WatchWorkspaces))
        todo = tuple(a for a in todo if self.defences.belt or not isinstance(a, SEATBELT))
        return At(step, todo, tuple(a.id for a in todo), lives=at.lives)

    def _work(self, state: State, at: At) -> Iterable[Turn]:
        action = at.todo[0]
        done = replace(at, todo=at.todo[1:], names=at.names[1:], looked=False)
        place = Id(action.cluster, action.kind.key, action.namespace, action.name)
        if isinstance(action, WaitQuiet):
            if place not in state.alive or not self.defences.quiet:
                yield f"{action.target} is quiet", state, done
        elif isinstance(action, SEATBELT):
            yield f"ks-reset: {action.verb} on {action.cluster}", apply_action(state, action)[0], done
        elif not at.looked:
            if (now := state.objects.get(place)) is None:
                yield f"{action.target} is gone already", state, done
            elif self._passes(state, action, as_obj(now)):
                yield f"ks-reset looks at {action.target}", state, replace(at, looked=True)
        else:
            after, move = apply_action(state, action)
            refused = bool(move and move.refused)
            text = f"ks-reset: {action.verb} {action.target}" + (
                f", refused: {move.refused}" if refused and move else ""
            )
            yield text, after, (At(lives=at.lives) if refused else done)

    def _passes(self, state: State, action: Action, now: Obj) -> bool:
        facts = self._outlook(state).facts
        world = facts.cluster(action.cluster)
        assert world
        belted = action.cluster in state.seatbelt_on if self.defences.belt else None
        restarted = tuple(o.title for w in facts.clusters for o in w.of("Deployment.apps") if self._restarted(o))
        site = GuardContext(world, world.identity, self._doomed, restarted, belted)
        try:
            for guard in self.defences.guards:
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
