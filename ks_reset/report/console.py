"""Consoles on stdout and stderr: stdout is the result alone."""

import errno
import os
import sys
from collections.abc import Iterable
from typing import Any

import msgspec
import typer
import yaml
from rich.console import Console
from rich.text import Text

from ks_reset.escape import INVISIBLE, for_json, for_message, one_line
from ks_reset.language import translate

SIGNS = {"…": "...", "✓": "+", "→": "->", "·": "-"}
"""Signs in texts of ours, and what stands for them in an encoding without them."""


class SafeConsole(Console):
    """A console for texts with invisible characters, shown as `\\x1b`: names and messages come from clusters.

    Messages are in the chosen language; signs of ours are replaced by others in an encoding without them.
    """

    def render_str(self, text: str, **style: Any) -> Text:
        return super().render_str(for_encoding(translate(for_message(text)), self.encoding), **style)

    def on_broken_pipe(self) -> None:
        """Raise BrokenPipeError; the command line ends as kubectl does. rich would exit with 1."""
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


def for_encoding(text: str, encoding: str) -> str:
    """The text with each of SIGNS replaced that cannot be encoded; other characters stay."""
    if encoding.lower().startswith("utf") or text.isascii():
        return text
    lacking = {sign: plain for sign, plain in SIGNS.items() if sign in text and not _can_encode(sign, encoding)}
    for sign, plain in lacking.items():
        text = text.replace(sign, plain)
    return text


def _can_encode(sign: str, encoding: str) -> bool:
    try:
        sign.encode(encoding)
    except UnicodeError:
        return False
    return True


def stdout_console() -> Console:
    """A console on stdout; 160 columns wide in a pipe."""
    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else 160
    return SafeConsole(file=sys.stdout, width=width, highlight=False, soft_wrap=False)


def stderr_console() -> Console:
    return SafeConsole(file=sys.stderr, highlight=False, soft_wrap=not sys.stderr.isatty())


def print_document(value: Any, output: str) -> None:
    """Write a value as one JSON or YAML document."""
    plain = msgspec.to_builtins(value)
    if output == "json":
        typer.echo(for_json(msgspec.json.format(msgspec.json.encode(plain), indent=2).decode()).encode())
    else:
        text = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True)
        text = yaml.safe_dump(plain, sort_keys=False) if INVISIBLE.search(text) else text
        typer.echo(text.encode(), nl=False)


def print_names(names: Iterable[str]) -> None:
    """Write a name a line, each name once, and nothing if there is none: the output of `-o name`."""
    for name in dict.fromkeys(names):
        typer.echo(one_line(name))
