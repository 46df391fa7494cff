"""A user interface for workflows that records what it is told, and answers as a test says."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ks_reset.apply import Progress
from ks_reset.errors import Refused
from ks_reset.model import FleetFacts, Plan
from ks_reset.workflows.verify import Verdict


@dataclass
class Recorder:
    """`approves` is the answer to every question; `interactive` tells whether a question can be asked."""

    interactive: bool = False
    approves: bool = True
    shown: list[Plan] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    asked: list[Plan] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def show(self, plan: Plan) -> None:
        self.shown.append(plan)

    def show_verdict(self, verdict: Verdict, facts: FleetFacts) -> None:
        self.verdicts.append(verdict)

    def ask(self, plan: Plan) -> None:
        self.asked.append(plan)
        if not self.approves:
            raise Refused("Not approved.")

    def say(self, text: str, *, bold: bool = False) -> None:
        self.lines.append(text)

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        yield Progress(lambda *_: None, lambda *_: None, lambda *_: None, lambda *_: None)
