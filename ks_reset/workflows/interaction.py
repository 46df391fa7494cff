"""The user interface of a workflow: a terminal in cli/, a recorder in tests."""

from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Protocol

from ks_reset import facts as reading
from ks_reset.apply import Progress
from ks_reset.facts import Clients
from ks_reset.local import user_and_machine
from ks_reset.model import Approval, FleetFacts, Plan
from ks_reset.workflows.verify import Verdict


class Interaction(Protocol):
    """A user interface."""

    @property
    def interactive(self) -> bool:
        """Whether `ask` can get an answer."""

    def show(self, plan: Plan) -> None:
        """Print a plan on stdout."""

    def show_verdict(self, verdict: Verdict, facts: FleetFacts) -> None:
        """Print the result of a verification of these facts on stdout."""

    def ask(self, plan: Plan) -> None:
        """Ask for approval of a plan. Raises Refused unless it is given."""

    def say(self, text: str, *, bold: bool = False) -> None:
        """Print a line on stderr."""

    def progress(self) -> AbstractContextManager[Progress]:
        """A display of progress on stderr, open as long as the context."""


def approved_now(how: str) -> Approval:
    """The approval that the user of this process gives now."""
    return Approval(user_and_machine(), datetime.now(UTC).isoformat(timespec="seconds"), how)


def gather_facts(clients: Clients, interaction: Interaction) -> FleetFacts:
    """Read the fleet, with progress shown. Raises Unknown if the host does not answer."""
    with interaction.progress() as progress:
        return reading.read_fleet(clients, lambda text: progress.beat(text, ""))
