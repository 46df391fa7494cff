"""Runs and verdicts in Chinese: whole sentences, and no count that is taken for another."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from ks_reset.cli import app
from ks_reset.journal import Journal
from ks_reset.language import translate_word
from ks_reset.plan.file import load_plan
from ks_reset.report.proof import print_verdict
from ks_reset.report.titles import ending_text
from ks_reset.verify import Leftover, Proof
from ks_reset.workflows.verify import Verdict
from tests.build import facts
from tests.language.chinese import english_in
from tests.report.runs import finished_run


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path))


def verdict_screen(verdict: Verdict) -> str:
    console = Console(file=StringIO(), width=100, force_terminal=True, color_system=None)
    print_verdict(verdict, facts([]), console, False)
    file = console.file
    assert isinstance(file, StringIO)
    return file.getvalue()


def test_the_list_and_the_steps_of_a_run_are_chinese(chinese: None) -> None:
    finished_run()
    runs = [CliRunner().invoke(app, ["runs", word], env={"COLUMNS": "200"}) for word in ("list", "show")]
    listed, shown = (run.stdout for run in runs)
    assert "，退出码 0" in listed
    assert "剧本 uninstall，摘要 " in listed
    assert "，开始于 2" in listed
    assert english_in(listed) == english_in(shown) == []
    assert "移除" in shown


def test_a_verdict_is_chinese_from_its_first_word(chinese: None) -> None:
    clean = verdict_screen(Verdict(True, (), Proof({"host": 3}, ()), ()))
    assert "残留" in clean
    assert clean.splitlines()[-1].startswith("干净。")
    assert english_in(clean) == []


def test_a_seatbelt_left_on_and_leftovers_are_told_with_their_commands_on_lines_of_their_own() -> None:
    belt = Leftover("host", "ValidatingWebhookConfiguration x", "metadata.name", "ks-reset's own seatbelt, left on")
    other = Leftover("host", "Namespace kubesphere-system", "metadata.name", "kubesphere-system")
    assert verdict_screen(Verdict(False, (belt,), None, ())).splitlines()[-2:] == [
        "Not clean. The seatbelt is still on. When nothing endangers users any more:",
        "  ks-reset protect off",
    ]
    both = verdict_screen(Verdict(False, (belt, other), None, ())).splitlines()
    assert "  ks-reset plan uninstall --out again.json" in both
    assert "  ks-reset protect off" in both


def test_an_interruption_is_told_without_the_name_of_its_class(chinese: None) -> None:
    folder, _, _ = finished_run(done=False)
    journal = Journal.of_plan(load_plan(folder / "plan.json"))
    with journal:
        journal.note_event("stopped", why="KeyboardInterrupt: ", exit=130)
    shown = CliRunner().invoke(app, ["runs", "show"], env={"COLUMNS": "200"}).stdout
    assert "被中断：由 Ctrl-C 或信号引起" in shown
    told = ending_text("KeyboardInterrupt: ")
    assert told == "由 Ctrl-C 或信号引起"
    assert ending_text("The network is gone.") == "The network is gone."


def test_the_verb_of_the_seatbelt_and_its_state_are_two_words(chinese: None) -> None:
    assert translate_word("seatbelt is on") == "安全带已打开"
    assert translate_word("seatbelt on") == translate_word("seatbelt-on") == "开启安全带"
