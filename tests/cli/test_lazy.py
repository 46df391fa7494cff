"""The help names all commands without importing one."""

import inspect
import subprocess
import sys

import pytest
from typer.main import get_command

from ks_reset.cli import app, lazy

COMMANDS = getattr(get_command(app), "commands")  # noqa: B009 - mypy knows no group here


@pytest.mark.parametrize("name", lazy.HELP)
def test_the_help_of_a_command_begins_with_its_line_in_the_list(name: str) -> None:
    command = COMMANDS[name]
    assert command.name == name
    assert inspect.cleandoc(command.help).partition("\n\n")[0].replace("\n", " ") == lazy.HELP[name]


def test_the_help_imports_no_command_and_no_client() -> None:
    text = (
        "import sys; sys.argv = ['ks-reset', '--help']; from ks_reset.cli import main\n"
        "try: main()\n"
        "except SystemExit: print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    shown, _, modules = done.stdout.rstrip().rpartition("\n")
    assert "catalogue" in shown
    loaded = [name for name in modules.split() if name.startswith(("ks_reset.", "kubernetes", "urllib3", "yaml"))]
    core = ("cli", "cli.encoding", "cli.lazy", "cli.translated", "errors", "language", "language.messages", "local")
    assert set(loaded) == {f"ks_reset.{name}" for name in core}


def test_a_mistyped_command_is_refused_with_the_nearest_one() -> None:
    done = subprocess.run([sys.executable, "-m", "ks_reset", "docter"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "doctor" in done.stderr
