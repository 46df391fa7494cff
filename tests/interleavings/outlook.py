"""What a run knows in a state of a fleet: facts, plan, and what stands against it; each computed once."""

from collections.abc import Callable
from functools import cached_property

from ks_reset.apply.remaining import remaining_actions
from ks_reset.errors import ResetError
from ks_reset.findings import require_unblocked
from ks_reset.model import FleetFacts, Options, Plan
from ks_reset.plan import make as planning
from ks_reset.plan.playbook import Playbook
from ks_reset.simulation import State, facts_of, foresee_consequences, refuse_losses


class Outlook:
    """Of one playbook in one state. `plan` is None where none can be made."""

    def __init__(self, outlooks: "Outlooks", playbook: Playbook, state: State) -> None:
        self._outlooks, self._playbook, self._state = outlooks, playbook, state

    @property
    def facts(self) -> FleetFacts:
        return self._outlooks.facts_of(self._state)

    @cached_property
    def plan(self) -> Plan | None:
        try:
            return planning.make_plan(self._playbook, self.facts, self._outlooks.options)
        except ResetError:
            return None

    @property
    def is_unblocked(self) -> bool:
        """Whether no finding stops the playbook."""
        return self._outlooks.is_unblocked(self._playbook, self._state)

    @cached_property
    def is_harmless(self) -> bool:
        """Whether there is a plan without a loss."""
        plan, facts = self.plan, self.facts
        return plan is not None and _passes(lambda: refuse_losses(plan, foresee_consequences(plan, facts)))

    @cached_property
    def is_approved(self) -> bool:
        """Whether the plan of the first state has every action of this one."""
        plan, approved = self.plan, self._outlooks.approved(self._playbook)
        return plan is None or _passes(lambda: remaining_actions(approved, plan, self.facts))


class Outlooks:
    """The outlooks of a fleet and some options, for any order of the steps of any playbook."""

    def __init__(self, first: FleetFacts, options: Options | None = None) -> None:
        self.first, self.options = first, options or Options()
        self._facts: dict[State, FleetFacts] = {}
        self._unblocked: dict[tuple[str, State], bool] = {}
        self._approved: dict[tuple[str, ...], Plan] = {}
        self._outlooks: dict[tuple[tuple[str, ...], State], Outlook] = {}

    def of(self, playbook: Playbook, state: State) -> Outlook:
        """The outlook in a state."""
        key = _order(playbook), state
        if key not in self._outlooks:
            self._outlooks[key] = Outlook(self, playbook, state)
        return self._outlooks[key]

    def approved(self, playbook: Playbook) -> Plan:
        """The plan made from the first facts."""
        order = _order(playbook)
        if order not in self._approved:
            self._approved[order] = planning.make_plan(playbook, self.first, self.options)
        return self._approved[order]

    def facts_of(self, state: State) -> FleetFacts:
        """The facts that a reading would give."""
        if state not in self._facts:
            self._facts[state] = facts_of(state)
        return self._facts[state]

    def is_unblocked(self, playbook: Playbook, state: State) -> bool:
        """Whether no finding stops the playbook; the order of its steps makes no difference."""
        key = playbook.name, state
        if key not in self._unblocked:
            facts = self.facts_of(state)
            self._unblocked[key] = _passes(lambda: require_unblocked(playbook, facts, self.options))
        return self._unblocked[key]


def _order(playbook: Playbook) -> tuple[str, ...]:
    return playbook.name, *(entry.step for entry in playbook.steps)


def _passes(check: Callable[[], object]) -> bool:
    try:
        check()
    except ResetError:
        return False
    return True
