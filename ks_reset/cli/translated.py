"""The help of commands and the errors of the command line in the chosen language."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from inspect import cleandoc
from typing import Any

from rich.columns import Columns
from rich.text import Text
from typer import rich_utils
from typer.core import TyperOption
from typer.exceptions import TyperException

from ks_reset.language import ENGLISH, chosen_language, translate, translate_phrase, translate_word

OF_TYPER = (
    *("No such command {0}.", "No such command {0}. Did you mean {1}?", "No such option: {0}"),
    *("No such option: {0} (Possible options: {1})", "Missing command.", "Missing argument {0}."),
    *("Missing option {0}.", "Missing parameter {0}.", "Invalid value: {0}", "Invalid value for {0}: {1}"),
    *("Invalid value for {0} (env var: {1}): {2}", "Value {0} is not a valid {1}.", "{0} is not one of {1}."),
    *("Option {0} requires an argument.", "Option {0} requires {1} arguments.", "Option {0} does not take a value."),
    *("Got unexpected extra argument(s) ({0})", "Argument {0} takes {1} values."),
    *("Show this message and exit.", "Install completion for the current shell."),
    "Show completion for the current shell, to copy it or customize the installation.",
)
"""The messages of typer's own errors and flags, for the catalogue.

typer 0.29.2: core.py, _coercion.py, _param_types.py, _click/core.py, _click/exceptions.py, _click/parser.py.
"""


def translate_command(command: Any) -> Any:
    """The same command or group of click; its help, and that of its flags and commands, is translated."""
    for name in ("help", "short_help", "epilog"):
        setattr(command, name, _translate_paragraphs(getattr(command, name, None)))
    for parameter in command.params:
        if getattr(parameter, "help", None):
            parameter.help = _translate_paragraphs(parameter.help)
        if getattr(parameter, "rich_help_panel", None):
            parameter.rich_help_panel = translate_word(parameter.rich_help_panel)
        _name_value(parameter)
    for inner in dict.values(command.commands) if isinstance(getattr(command, "commands", None), dict) else ():
        translate_command(inner)
    if "get_help_option" not in command.__dict__:
        command.get_help_option = partial(_help_option_of, command.get_help_option)
    if chosen_language() != ENGLISH and "get_usage" not in command.__dict__:
        command.get_usage = partial(_usage_of, command.get_usage)
    return command


class FoldingColumns(Columns):
    """The texts of a flag in a help: a word that is wider than their column is folded.

    rich finds no space in a Chinese sentence, takes it for one word, and would cut it at the end of the line.
    """

    def add_renderable(self, renderable: Any) -> None:
        if isinstance(renderable, Text):
            renderable.overflow = "fold"
        super().add_renderable(renderable)

    def __init__(self, renderables: Any = None, **more: Any) -> None:
        super().__init__(None, **more)
        for each in renderables or ():
            self.add_renderable(each)


_COMMAND_HELP: Any = getattr(rich_utils, "_make_command_help", None)
"""typer's own, private: of another version of typer without it, the list of commands is left as it is."""


def _folding(make: Any, **about: Any) -> Any:
    """The help of a command in the list of all, with wide words folded too."""
    text = make(**about)
    if isinstance(text, Text):
        text.overflow = "fold"
    return text


def translate_titles() -> None:
    """Translate the titles of typer's panels, its remarks on flags, and the sentence that names --help."""
    foldings = {"Columns": FoldingColumns, "_make_command_help": _COMMAND_HELP and partial(_folding, _COMMAND_HELP)}
    for name, folding in foldings.items():
        if folding:
            setattr(rich_utils, name, folding)
    if chosen_language() != ENGLISH:
        rich_utils.DEFAULT_STRING = translate_phrase("[default: {0}]", "{}")
        rich_utils.ENVVAR_STRING = translate_phrase("[env var: {0}]", "{}")
        rich_utils.REQUIRED_LONG_STRING = translate_phrase("[required]")
    for name in ("OPTIONS_PANEL_TITLE", "ARGUMENTS_PANEL_TITLE", "COMMANDS_PANEL_TITLE", "ERRORS_PANEL_TITLE"):
        setattr(rich_utils, name, translate_word(getattr(rich_utils, name)))
    if chosen_language() != ENGLISH:
        hint = "[blue]'{command_path} {help_option}'[/]"
        rich_utils.RICH_HELP = translate_phrase("Try {0} for help.", hint)


@contextmanager
def translated_errors() -> Iterator[None]:
    """Errors of the command line raised meanwhile have their messages in the chosen language."""
    try:
        yield
    except TyperException as error:
        if chosen_language() != ENGLISH and "format_message" not in error.__dict__:
            translate_titles()
            error.__dict__["format_message"] = partial(str, translate(error.format_message()))
        raise


def _usage_of(usage: Any, context: Any) -> str:
    return str(usage(context)).replace("Usage: ", translate_phrase("Usage: "), 1)


def _help_option_of(help_option: Any, context: Any) -> Any:
    option = help_option(context)
    option.help = translate(option.help)
    _name_value(option)
    return option


VALUES = {"Path": "FILE", "int": "NUMBER", "str": "NAME", "list": "NAME"}
"""The word for a value by its type, where a flag says no other."""
OWN_VALUES = {"--recipient": "KEY", "--image": "IMAGE", "--kubernetes": "VERSION"}


def _name_value(parameter: Any) -> None:
    """Give the value of a flag a word for the help, and a switch none: typer writes `<bool>` and `<list[str]>`."""
    if parameter.metavar is not None or not isinstance(parameter, TyperOption):
        return
    if parameter.is_flag:
        parameter.metavar = ""
        return
    kind = getattr(parameter.type_descriptor.annotation, "__name__", "")
    parameter.metavar = OWN_VALUES.get(parameter.opts[0], VALUES.get(kind))


def _translate_paragraphs(text: str | None) -> str | None:
    """Each paragraph translated; a text with the mark of click that keeps its lines stays as it is."""
    if not text or "\b" in text:
        return text
    return "\n\n".join(translate(" ".join(each.split())) for each in cleandoc(text).split("\n\n"))
