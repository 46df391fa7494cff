"""One application of one plan: what it holds on to, what is left to do, and what it tells while it waits."""

from collections.abc import Callable

from msgspec import Struct

from ks_reset import plan as planning
from ks_reset.apply.eyes import Eyes
from ks_reset.apply.needed import needed
from ks_reset.facts import Fleet
from ks_reset.guards import Site
from ks_reset.journal import Journal
from ks_reset.model import Action, Facts, Plan, Verb, World
from ks_reset.playbook import Playbook


class Reporter(Struct, frozen=True):
    """How progress is told: a step begins, a line that may be overwritten, a step is done with so many writes."""

    begin: Callable[[str, str, int], None]
    beat: Callable[[str], None]
    done: Callable[[str, int], None]


class Report(Struct, frozen=True):
    """How many requests that write were sent, and the facts as they were last read."""

    writes: int
    facts: Facts


class Run(Struct):
    """One application of one plan. `facts` moves on as things are read again; `eyes` watch over each cluster."""

    fleet: Fleet
    plan: Plan
    playbook: Playbook
    journal: Journal
    report: Reporter
    timeout: float
    facts: Facts
    eyes: dict[str, Eyes]
    writes: int = 0

    def todo(self, step: str) -> list[Action]:
        fresh = planning.make(self.playbook, self.facts, self.plan.options)
        writes = [a for a in needed(self.plan, fresh, self.facts) if a.step == step and a.verb is not Verb.WATCH]
        return writes + [a for a in unwatched(self.plan, self.journal) if a.step == step]

    def tell(self, text: str) -> None:
        """Progress; and as long as anything is waited for, the eyes stay open. Raises Refused if they see a loss."""
        self.report.beat(text)
        for eyes in self.eyes.values():
            eyes.look()

    def site(self, action: Action) -> Site:
        """What guards rest on, read afresh: all of the action's cluster; lock and controllers of the others too."""
        own = self.eyes[action.cluster]
        others = [eyes for eyes in self.eyes.values() if eyes is not own]
        for eyes in others:
            eyes.look()
        restarted = own.restarted() + tuple(each for eyes in others for each in eyes.restarted(age=1.0))
        return own.site(action, self.world(action.cluster), restarted)

    def world(self, identity: str) -> World:
        found = self.facts.world(identity)
        assert found is not None, "preflight read every cluster of the plan"
        return found


def unwatched(plan: Plan, journal: Journal) -> list[Action]:
    """What is still to be watched: facts cannot tell that something was seen to last, so the journal does."""
    ended = journal.ended()
    return [a for a in plan.actions if a.verb is Verb.WATCH and a.id not in ended]
