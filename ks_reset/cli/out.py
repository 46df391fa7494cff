"""--out FILE beside -o FORMAT: what a command prints goes to a file, and a file given to -o is told its flag."""

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from ks_reset import local
from ks_reset.cli.command_tree import command_path
from ks_reset.errors import Usage, other_file
from ks_reset.report.console import stderr_console

FORMAT, FILE = ("-o", "--output"), "--out"
Out = Annotated[
    Path | None, typer.Option(FILE, metavar="FILE", help="Write the result to this file. (default: stdout)")
]


@contextmanager
def printed_to(path: Path | None) -> Iterator[None]:
    """What is printed on stdout meanwhile goes to this file, mode 0600, also if the command ends with an exit code.

    Raises Usage if the file cannot be written. After another error there is no file.
    """
    if path is None:
        yield
        return
    kept = BytesIO()
    ended: typer.Exit | None = None
    with redirect_stdout(TextIOWrapper(kept, "utf-8", errors="backslashreplace", write_through=True)) as text:
        try:
            yield
        except typer.Exit as error:
            ended = error
        text.flush()
        try:
            local.write_private_file(path, kept.getvalue())
        except OSError as error:
            raise Usage(f"{path} cannot be written: {error.strerror}.", other_file(path)) from error
    stderr_console().print(f"Wrote {path}.", markup=False)
    if ended:
        raise ended


class OutCommand(TyperCommand):
    """A command that names the whole new call if -o is given a file."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if any(FILE in parameter.opts for parameter in self.params) and (at := _file_given_as_format(args)):
            words = ["ks-reset", *command_path(ctx), *_with_out(args, *at)]
            raise Usage(
                f"-o takes a format, and {at[1]} is a file. Nothing was read or written. The file is named by {FILE}: "
                f"{shlex.join(words)}"
            )
        return super().parse_args(ctx, args)


def _file_given_as_format(args: Sequence[str]) -> tuple[int, str] | None:
    """The place of the -o whose value is a file, and the value; None without. No format has a dot or a slash."""
    for at, word in enumerate(args):
        if word == "--":
            return None
        name, sign, value = word.partition("=")
        if word in FORMAT:
            value = args[at + 1] if at + 1 < len(args) else ""
        elif word.startswith("-o"):
            value = word.removeprefix("-o").removeprefix("=")
        elif not (name in FORMAT and sign):
            continue
        if "." in value or "/" in value:
            return at, value
    return None


def _with_out(args: Sequence[str], at: int, value: str) -> list[str]:
    rest = args[at + (2 if args[at] in FORMAT else 1) :]
    return [*args[:at], FILE, value, *rest]
