"""stdout is the result alone; stderr is progress. Without a terminal, plain lines and a heartbeat every 30 seconds."""

import errno
import os
import sys
import time
from collections.abc import Iterable
from textwrap import shorten
from threading import RLock
from types import TracebackType
from typing import Any, Self

import msgspec
import typer
import yaml
from rich.console import Console
from rich.markup import escape
from rich.status import Status
from rich.text import Text

from ks_reset.escape import INVISIBLE, for_json, for_message, one_line
from ks_reset.language import translate

HEARTBEAT = 30.0
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


class ProgressDisplay:
    """Progress on stderr: a spinner on a terminal, a line for each step and a heartbeat elsewhere."""

    def __init__(self) -> None:
        self._console = stderr_console()
        spinner = "dots" if self._console.encoding.startswith("utf") else "line"
        self._status: Status | None = self._console.status("", spinner=spinner) if self._console.is_terminal else None
        self._last = time.monotonic()
        self._now: dict[str, str] = {}
        self._one = RLock()

    def __enter__(self) -> Self:
        if self._status:
            self._status.start()
        return self

    def __exit__(self, *_: "type[BaseException] | BaseException | TracebackType | None") -> None:
        if self._status:
            self._status.stop()

    def print_line(self, text: str) -> None:
        """Print a line."""
        with self._one:
            self._console.print(text, markup=False)
            self._last = time.monotonic()

    def show_activity(self, text: str, cluster: str = "") -> None:
        """Show the present activity on a cluster: overwritten on a terminal, printed every 30 s elsewhere."""
        with self._one:
            self._now[cluster] = text
            if self._status:
                self._status.update(self._activity_lines())
            elif time.monotonic() - self._last >= HEARTBEAT:
                self.print_line(
                    "  … " + "; ".join(f"{name}: {now}" if name else now for name, now in self._now.items())
                )

    def _activity_lines(self) -> str:
        """A line for each cluster, as many as fit."""
        width, height = max(self._console.width - 4, 20), max(self._console.height - 2, 1)
        texts = [translate(f"{name}: {now}" if name else now) for name, now in self._now.items()]
        lines = [shorten(text, width, placeholder=" …") for text in texts]
        more = [f"… and {len(lines) - height} more clusters"] if len(lines) > height else []
        return escape(for_message("\n".join(lines[:height] + more)))

    def print_left_behind(self, name: str, why: str) -> None:
        """Print a member left out of the rest of the run."""
        self._now.pop(name, None)
        self.print_line(f"  ! {name} is left behind: {why}")

    def begin_step(self, step: str, why: str, count: int) -> None:
        self._now.clear()
        if count:
            self._console.print(f"[bold]{escape(step)}[/bold]  {escape(why)}")
            self._last = time.monotonic()

    def finish_step(self, step: str, writes: dict[str, int]) -> None:
        self._now.clear()
        each = ", ".join(f"{name} {count}" for name, count in writes.items())
        self.print_line(
            f"  ✓ {step}: {sum(writes.values())} write(s): {each}" if writes else f"  ✓ {step}: nothing to write"
        )
