"""The terminal as the workflows' interaction: results on stdout, everything else on stderr."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from ks_reset.apply import Progress
from ks_reset.cli.plan_words import complete_for, complete_kept
from ks_reset.cli.way_on import complete_sentence, current_call
from ks_reset.credentials.digests import FILE
from ks_reset.errors import Refused
from ks_reset.local import state_dir
from ks_reset.model import FleetFacts, Plan, SeatbeltOff
from ks_reset.report import late as late_report
from ks_reset.report import plan as plan_report
from ks_reset.report import proof as proof_report
from ks_reset.report.commands import message_lines
from ks_reset.report.console import stderr_console, stdout_console
from ks_reset.report.progress import ProgressDisplay
from ks_reset.workflows.apply import Applied
from ks_reset.workflows.verify import Verdict


class Terminal:
    """Implements `workflows.interaction.Interaction`."""

    def __init__(self) -> None:
        self._display: ProgressDisplay | None = None

    @property
    def interactive(self) -> bool:
        return sys.stdin.isatty()

    def show(self, plan: Plan) -> None:
        plan_report.show_plan(complete_kept(plan), stdout_console(), False, complete_for(plan))

    def show_verdict(self, verdict: Verdict, facts: FleetFacts) -> None:
        proof_report.print_verdict(verdict, facts, stdout_console(), False, complete_sentence)

    def ask(self, plan: Plan) -> None:
        """Ask for the host's name. Raises Refused without a terminal, or for any other answer."""
        host = plan.clusters[-1]
        if not self.interactive:
            raise Refused(
                f"There is no terminal to ask on. Save a plan, read it, and apply it with --yes.{_way_with_yes()}"
            )
        print_clusters(plan)
        self.say(plan_report.totals_line(plan))
        if typer.prompt(f"Type the host's name ({host.name}) to go on", err=True) != host.name:
            raise Refused(
                "That is not the host's name. Nothing was sent. To be asked anew, run the same command again."
            )

    def say(self, text: str, *, bold: bool = False) -> None:
        """Print a sentence on stderr; at a terminal it is wrapped, and each command in it has a line of its own."""
        console = self._display.console if self._display else stderr_console()
        whole = complete_sentence(text)
        lines = message_lines(whole, console.width) if console.is_terminal else [whole]
        for line in lines:
            console.print(line, markup=False, soft_wrap=True, style="bold" if bold else None)

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        with ProgressDisplay() as display:
            self._display = display
            steps = (display.begin_step, display.show_activity, display.finish_step, display.print_left_behind)
            try:
                yield Progress(*steps, call=current_call().line, ended=display.count_ended)
            finally:
                self._display = None


def _way_with_yes() -> str:
    """The call with --yes, as a sentence; without a saved plan, the commands that make one first."""
    line = current_call().line
    file = line.partition(" apply ")[2].partition(" ")[0]
    if file.endswith(".json"):
        return f" For this plan: {line} --yes"
    return " To make one: ks-reset plan --out plan.json; then: ks-reset apply plan.json --yes"


def print_clusters(plan: Plan) -> None:
    """Print role, name, address, version and identity of each cluster of a plan on stderr."""
    for cluster in plan.clusters:
        line = f"{cluster.role} {cluster.name}  {cluster.endpoint}  {cluster.version}  {cluster.identity}"
        stderr_console().print(line, markup=False)


def print_applied(applied: Applied) -> None:
    """Print the number of writes on stdout, and the next command on stderr."""
    plan = applied.plan
    for line in late_report.lines_on_late_changes(plan, applied.left, applied.also):
        Terminal().say(line)
    if not applied.writes:
        stdout_console().print("Nothing to do: everything in this plan is so already. No write was sent.")
        return
    stdout_console().print(
        f"Done: {applied.writes} writes sent, each read back. Journal: {applied.journal}", markup=False
    )
    if {"fasten-seatbelt", "loosen-seatbelt"} <= set(plan.steps) and not _takes_seatbelt_off(plan):
        Terminal().say(
            "The seatbelt was on before this plan was made, so it stays on. When nothing endangers users any more: "
            "ks-reset protect off."
        )
    if "loosen-seatbelt" in plan.steps and not applied.playbook.needs:
        baseline = applied.journal / "baseline.json.gz"
        there = f"a copy of {baseline}, and KS_RESET_STATE with a folder that has a copy of {state_dir() / FILE}"
        kept = f" On another machine, add --baseline with {there}." if baseline.is_file() else ""
        Terminal().say(f"Now prove it: ks-reset verify.{kept}")
    if "loosen-seatbelt" not in plan.steps:
        Terminal().say("The seatbelt stays on, and what was stopped stays stopped. See ks-reset protect status.")


def _takes_seatbelt_off(plan: Plan) -> bool:
    return any(isinstance(action, SeatbeltOff) for action in plan.actions)
