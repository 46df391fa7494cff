"""The help of commands in the chosen language."""

from inspect import cleandoc
from typing import Any

from typer import rich_utils

from ks_reset.language import translate, translate_word


def translate_command(command: Any) -> Any:
    """The same command or group of click; its help, and that of its flags and commands, is translated."""
    for name in ("help", "short_help", "epilog"):
        setattr(command, name, _translate_paragraphs(getattr(command, name, None)))
    for parameter in command.params:
        if getattr(parameter, "help", None):
            parameter.help = _translate_paragraphs(parameter.help)
    for inner in dict.values(command.commands) if isinstance(getattr(command, "commands", None), dict) else ():
        translate_command(inner)
    return command


def translate_titles() -> None:
    """Translate the titles of typer's panels."""
    for name in ("OPTIONS_PANEL_TITLE", "ARGUMENTS_PANEL_TITLE", "COMMANDS_PANEL_TITLE"):
        setattr(rich_utils, name, translate_word(getattr(rich_utils, name)))


def _translate_paragraphs(text: str | None) -> str | None:
    """Each paragraph translated; a text with the mark of click that keeps its lines stays as it is."""
    if not text or "\b" in text:
        return text
    return "\n\n".join(translate(" ".join(each.split())) for each in cleandoc(text).split("\n\n"))
