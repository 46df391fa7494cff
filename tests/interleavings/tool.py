"""ks-reset as an actor of the simulation: its real plans and guards, one request at a time, killed at any moment.

Each write takes two turns: it looks (facts, guards), and then it sends; whatever others do in between, it does not see.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

from ks_reset.apply.remaining import remaining_actions
from ks_reset.errors import ResetError
from ks_reset.findings import require_unblocked
from ks_reset.guards import GUARDS, Guard, GuardContext
from ks_reset.model import (
    Action,
    Delete,
    FleetFacts,
    Obj,
    Options,
    Plan,
    SeatbeltOff,
    SeatbeltOn,
    WaitQuiet,
    WatchWorkspaces,
)
from ks_reset.plan import make as planning
from ks_reset.plan.playbook import Playbook
from ks_reset.simulation import State, facts_of, foresee_consequences, refuse_losses
from ks_reset.simulation.actions import apply_action
from ks_reset.simulation.objects import Id
from ks_reset.simulation.reading import as_obj

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

    def __init__(
        self, playbook: Playbook, facts: FleetFacts, defences: Defences, options: Options | None = None
    ) -> None:
        self.playbook, self.defences, self.options = playbook, defences, options or Options()
        self._plans: dict[int, tuple[FleetFacts, Plan | None]] = {}
        self.approved = planning.make_plan(playbook, facts, self.options)

    def turns(self, state: State, at: At) -> Iterable[Turn]:
        """The next transitions of a run; none after its end or a refusal."""
        if at.over:
            return
        if at.step >= 0 and at.lives:
            yield "ks-reset is killed", state, At(lives=at.lives - 1)
        if at.step < 0:
            if self._may_begin(state):
                yield "ks-reset begins", state, self._enter(state, at, 0)
        elif not at.todo:
            yield "ks-reset ends its step", state, self._enter(state, at, at.step + 1)
        else:
            yield from self._work(state, at)

    def _may_begin(self, state: State) -> bool:
        facts, plan = self._plan(state)
        if plan is None:
            return False
        try:
            if self.defences.preflight:
                require_unblocked(self.playbook, facts, self.options)
                refuse_losses(plan, foresee_consequences(plan, facts))
            return bool(plan.actions) and self._allowed(plan, self._plan(state)[0])
        except ResetError:
            return False

    def _allowed(self, fresh: Plan, facts: FleetFacts) -> bool:
        if self.defences.approval:
            remaining_actions(self.approved, fresh, facts)
        return True

    def _enter(self, state: State, at: At, step: int) -> At:
        """The next step with its remaining actions; an action without approval ends the run."""
        if step == len(self.playbook.chosen):
            return At(over=True)
        plan = self._plan(state)[1]
        name = self.playbook.chosen[step].name
        try:
            if plan is None or not self._allowed(plan, self._plan(state)[0]):
                return At(over=True)
        except ResetError:
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
        facts = self._plan(state)[0]
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
        return frozenset(a.uid for a in self.approved.actions if isinstance(a, Delete))

    @cached_property
    def _stopped(self) -> frozenset[tuple[str, str]]:
        return frozenset((a.namespace, a.name) for a in self.approved.actions if isinstance(a, WaitQuiet))

    def _restarted(self, deployment: Obj) -> bool:
        return (deployment.namespace, deployment.name) in self._stopped and deployment.spec.get("replicas", 1) > 0

    def _plan(self, state: State) -> tuple[FleetFacts, Plan | None]:
        """The facts and the plan of a state, cached."""
        known = hash(state)
        if known not in self._plans:
            facts = facts_of(state)
            try:
                plan = planning.make_plan(self.playbook, facts, self.options)
            except ResetError:
                plan = None
            self._plans[known] = facts, plan
        return self._plans[known]
