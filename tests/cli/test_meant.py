"""A word that is no command: those of other tools and names of playbooks are answered with the command for them."""

import shlex

import pytest
from typer.testing import CliRunner

from ks_reset.cli import app, lazy
from ks_reset.cli.meant import OTHER_WORDS, command_meant
from ks_reset.errors import Exit, Usage
from ks_reset.plan.playbook import playbook_names
from tests.commands import COMMANDS


@pytest.mark.parametrize(
    ("word", "command"),
    [
        ("uninstall", "ks-reset plan uninstall"),
        ("uninstal", "ks-reset plan uninstall"),
        ("stale-recrod", "ks-reset plan stale-record"),
        ("status", "ks-reset runs list"),
        ("diagnos", "ks-reset doctor"),
        ("rollback", "ks-reset plan restore"),
        ("version", "ks-reset --version"),
    ],
)
def test_a_word_of_another_tool_is_answered_with_the_command(word: str, command: str) -> None:
    done = CliRunner().invoke(app, [word])
    assert isinstance(done.exception, Usage)
    assert done.exception.exit == Exit.USAGE
    assert str(done.exception) == f"There is no command {word!r}. Did you mean this: {command}"


@pytest.mark.parametrize("word", ["doctr", "aply", "runss"])
def test_a_misspelt_command_is_left_to_typer(word: str) -> None:
    assert command_meant(word, lazy.HELP) == ""
    assert "Did you mean" in CliRunner().invoke(app, [word]).output


def test_a_word_like_nothing_gets_no_guess() -> None:
    assert command_meant("foo", lazy.HELP) == ""


def test_every_command_meant_exists_and_hides_none() -> None:
    for words in OTHER_WORDS:
        program, name, *rest = shlex.split(words)
        assert program == "ks-reset"
        assert name.startswith("--") or name in COMMANDS
        assert name != "plan" or rest[0] in playbook_names()
    others = [word for words in OTHER_WORDS.values() for word in words]
    assert len(others) == len(set(others))
    assert set(others).isdisjoint(COMMANDS)
