"""The terminal of a command: what it says goes through the live display, and what it says after an apply."""

from io import StringIO
from pathlib import Path

import pytest
from msgspec import structs
from rich.console import Console

from ks_reset.cli.terminal import Terminal, print_applied
from ks_reset.model import SeatbeltOff
from ks_reset.plan.playbook import load_playbook
from ks_reset.report import progress
from ks_reset.workflows.apply import Applied
from tests.report.books import incident_book


def test_a_line_said_during_a_display_is_printed_through_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Printed beside the display, it had run into the line that the spinner draws."""
    console = Console(file=StringIO(), force_terminal=True, width=80, color_system=None)
    monkeypatch.setattr(progress, "stderr_console", lambda: console)
    terminal = Terminal()
    with terminal.progress() as told:
        told.beat("waiting for the API server to refuse deletions", "")
        terminal.say("host: on, 1 write(s), and seen to refuse deletions.")
    assert "host: on, 1 write(s)" in console.file.getvalue()  # type: ignore[attr-defined]


def test_a_line_said_without_a_display_is_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal()
    with terminal.progress():
        pass
    terminal.say("host: off, 1 write(s).")
    assert capsys.readouterr().err.endswith("host: off, 1 write(s).\n")


def test_after_an_apply_a_seatbelt_of_before_the_plan_is_told_with_its_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan, playbook = incident_book().plan, load_playbook("uninstall")
    print_applied(Applied(plan, playbook, 3, tmp_path))
    assert "protect off" not in capsys.readouterr().err
    kept = tuple(action for action in plan.actions if not isinstance(action, SeatbeltOff))
    print_applied(Applied(structs.replace(plan, actions=kept), playbook, 3, tmp_path))
    assert "so it stays on. When nothing endangers users any more: ks-reset protect off" in capsys.readouterr().err
