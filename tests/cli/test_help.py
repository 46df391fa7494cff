"""The help: panels by situation, an example of each command, durations and defaults."""

import re
import shlex
import subprocess
import sys
from importlib import import_module

import pytest
import typer
from typer.testing import CliRunner

from ks_reset.cli import app, lazy
from ks_reset.cli.durations import seconds_of
from ks_reset.plan.playbook import load_playbook, playbook_names
from tests.commands import TAKES
from tests.docs.test_pages import unknown_words

WITH_EXAMPLE = [name for name in lazy.HELP if name not in ("protect", "rehearse", "runs")]


def test_every_command_is_in_one_panel() -> None:
    assert sorted(lazy.PANEL_OF) == sorted(lazy.HELP)
    shown = CliRunner().invoke(app, ["--help"]).output
    assert [panel for panel in lazy.PANELS if panel not in shown] == []


@pytest.mark.parametrize("name", WITH_EXAMPLE)
def test_the_example_of_a_command_is_a_call_of_it(name: str) -> None:
    example = import_module(f"ks_reset.cli.{name}").EXAMPLES[0].removeprefix("Example: ks-reset ").partition(" > ")[0]
    words = tuple(shlex.split(example))
    assert words[0] == name
    assert unknown_words(words) == []


def test_the_help_of_plan_lists_every_playbook_and_the_defaults_that_are_words() -> None:
    shown = " ".join(CliRunner().invoke(app, ["plan", "--help"]).output.replace("│", " ").split())
    assert [name for name in playbook_names() if f"{name}: {load_playbook(name).title}." not in shown] == []
    assert "(default: as kubectl)" in shown


@pytest.mark.parametrize("name", [*lazy.HELP, "runs list", "runs show", "protect off"])
def test_the_help_on_a_narrow_screen_cuts_no_flag_and_shows_no_type_of_python(name: str) -> None:
    shown = CliRunner().invoke(app, [*name.split(), "--help"], env={"COLUMNS": "80"}).output
    flags = TAKES[name]
    assert [flag for flag in flags if not re.search(rf"(?<![\w-]){flag}(?![\w-])", shown)] == []
    options = shown.partition("─ Options ─")[2]
    assert [kind for kind in ("<bool>", "<list[str]>", "<path>", "[env var:") if kind in options] == []


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("words", [["plan"], []], ids=["plan", "all"])
def test_no_text_of_a_help_is_cut_on_a_narrow_screen(language: str, words: list[str]) -> None:
    line = [sys.executable, "-m", "ks_reset", "--lang", language, *words, "--help"]
    env = {"COLUMNS": "80", "PATH": "/usr/bin:/bin", "PYTHONUTF8": "1"}
    shown = subprocess.run(line, env=env, capture_output=True, text=True, check=True, timeout=60).stdout
    assert "…" not in shown
    chinese = ["─ 选项 ─", *(("─ 参数 ─", "─ 移除什么、保留什么 ─", "─ 集群 ─", "[默认：uninstall]") if words else ())]
    assert [word for word in chinese if (word in shown) != (language == "zh")] == []


def test_the_flags_of_plan_are_in_panels_by_subject() -> None:
    shown = CliRunner().invoke(app, ["plan", "--help"]).output
    titles = re.findall(r"╭─ (.*?) ─+╮", shown)
    assert titles == ["Arguments", "Options", "What goes and what stays", "Files and material", "Clusters"]
    assert "--gone-host is KS_RESET_GONE_HOST" in shown


@pytest.mark.parametrize(
    ("text", "seconds"), [("300", 300), ("90s", 90), ("5m", 300), ("1h30m", 5400), ("1h1s", 3601), (" 45m ", 2700)]
)
def test_a_duration_is_read_as_kubectl_reads_it(text: str, seconds: int) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "0", "5x", "m5", "-1", "1.5h", "²", "9999h"])
def test_anything_else_is_no_duration(text: str) -> None:
    with pytest.raises(typer.BadParameter, match=r"such as 300, 90s, 5m or 1h30m"):
        seconds_of(text)
