"""The commands a message names, and whether the command line takes each."""

import re
import shlex

from typer.main import get_command

from ks_reset.cli import app
from ks_reset.cli.command_tree import flags_by_command

COMMANDS = getattr(get_command(app), "commands")  # noqa: B009 - mypy knows no group here
TAKES = flags_by_command(get_command(app))


def commands_in(message: str) -> list[list[str]]:
    """The words of each command of ks-reset and kubectl, up to the end of its sentence."""
    found = []
    for program, rest in re.findall(r"\b(ks-reset|kubectl) ([^;:()\n]+)", message):
        text = re.split(r"[.,](?:\s|$)", rest)[0]
        try:
            found.append([program, *shlex.split(text)])
        except ValueError:  # the apostrophe of a word
            found.append([program, *text.split()])
    return found


def has_way_on(message: str) -> bool:
    """Whether a command in the message is one that can be typed; prose may follow it."""
    return any(_is_command(words) for words in commands_in(message))


def _is_command(words: list[str]) -> bool:
    if words[0] == "kubectl":
        return len(words) > 2
    return any(_parses(words[1:end]) for end in range(len(words), 1, -1))


def _parses(arguments: list[str]) -> bool:
    name, *rest = arguments
    try:
        COMMANDS[name].make_context(name, rest)
    except Exception:  # noqa: BLE001 - typer has its own family of usage errors
        return False
    return True


def takes_all_flags(words: list[str]) -> bool:
    """Whether the command line takes the command with every flag in it; prose may follow the last one."""
    flags = [at for at, word in enumerate(words) if word.startswith("-")]
    least = max(flags, default=1) + 1
    return any(_parses(words[1:end]) for end in range(len(words), least - 1, -1))
