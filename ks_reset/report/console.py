"""stdout is the result alone; stderr is progress. Without a terminal, plain lines and a heartbeat every 30 seconds."""

import os
import sys
import time
from textwrap import shorten
from types import TracebackType
from typing import Any, Self

import msgspec
import typer
import yaml
from rich.console import Console
from rich.markup import escape
from rich.status import Status

HEARTBEAT = 30.0


def out() -> Console:
    """A console on stdout; wide enough not to fold a result that is piped."""
    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else 160
    return Console(file=sys.stdout, width=width, highlight=False, soft_wrap=False)


def err() -> Console:
    return Console(file=sys.stderr, highlight=False, soft_wrap=not sys.stderr.isatty())


def machine(value: Any, output: str) -> None:
    """Write a value as one JSON or YAML document."""
    plain = msgspec.to_builtins(value)
    if output == "json":
        typer.echo(msgspec.json.format(msgspec.json.encode(plain), indent=2).decode())
    else:
        typer.echo(yaml.safe_dump(plain, sort_keys=False, allow_unicode=True), nl=False)


class Progress:
    """Tells where a long work stands: a spinner on a terminal, one line a step and a heartbeat elsewhere."""

    def __init__(self) -> None:
        self._console = err()
        self._status: Status | None = self._console.status("") if self._console.is_terminal else None
        self._last = time.monotonic()

    def __enter__(self) -> Self:
        if self._status:
            self._status.start()
        return self

    def __exit__(self, *_: "type[BaseException] | BaseException | TracebackType | None") -> None:
        if self._status:
            self._status.stop()

    def line(self, text: str) -> None:
        """A line that stays."""
        self._console.print(text, markup=False)
        self._last = time.monotonic()

    def beat(self, text: str) -> None:
        """What is being done now; on a terminal it is overwritten, elsewhere it is said every 30 seconds."""
        if self._status:
            self._status.update(escape(shorten(text, max(self._console.width - 4, 20), placeholder=" …")))
        elif time.monotonic() - self._last >= HEARTBEAT:
            self.line(f"  … {text}")

    def left(self, name: str, why: str) -> None:
        """A member that the run goes on without."""
        self.line(f"  ! {name} is left behind: {why}")

    def begin(self, step: str, why: str, count: int) -> None:
        if count:
            self._console.print(f"[bold]{escape(step)}[/bold]  {escape(why)}")
            self._last = time.monotonic()

    def done(self, step: str, writes: int) -> None:
        self.line(f"  ✓ {step}: {writes} write(s)" if writes else f"  ✓ {step}: nothing to write")
