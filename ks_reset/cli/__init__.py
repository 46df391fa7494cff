"""The command line: parse, one call, render, exit code. Everything else is elsewhere."""

import os
import signal
import sys
from contextlib import suppress
from io import TextIOWrapper
from types import FrameType

import typer

from ks_reset import __version__
from ks_reset.cli.lazy import EPILOG, LazyGroup
from ks_reset.errors import Exit, ResetError, Usage
from ks_reset.language import LANGUAGES, use_language, use_language_of_environment
from ks_reset.local import collect_seldom

app = typer.Typer(
    cls=LazyGroup,
    name="ks-reset",
    help="Take KubeSphere off a fleet of Kubernetes clusters without touching one workload.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"ks-reset {__version__}")
        raise typer.Exit


def _use_language(name: str) -> None:
    if name and name not in LANGUAGES:
        raise Usage(f"There is no language {name}. There are: {', '.join(LANGUAGES)}.")
    if name:
        use_language(name)


@app.callback()
def _root_options(
    version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Say the version and exit."
    ),
    language: str = typer.Option(
        "",
        "--lang",
        callback=_use_language,
        is_eager=True,
        metavar="LANGUAGE",
        help="Language of messages: en or zh. (default: by KS_RESET_LANG, LC_ALL, LC_MESSAGES, LANG)",
    ),
) -> None:
    """Options before the command."""


def _raise_interrupt(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt


def _print_error(text: str) -> None:
    from ks_reset.report.commands import print_message  # not needed for the help
    from ks_reset.report.console import stderr_console

    console = stderr_console()
    if console.is_terminal:
        print_message(text, console)
    else:
        console.print(text, markup=False)


def _run_and_flush() -> None:
    try:
        app(standalone_mode=True)
    finally:
        sys.stdout.flush()


def _leave_without_output(error: OSError) -> None:
    """Exit with ERROR after an error of this machine: a full disk behind stdout, or a reader that has gone."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python tries once more at its end
    if not isinstance(error, BrokenPipeError):
        where = f" ({error.filename})" if error.filename else ""
        _print_error(f"ks-reset: {error.strerror or error}{where}. Mend that, then run the same command again.")
    sys.exit(Exit.ERROR)


def main() -> None:
    """Run the command line; every deliberate error becomes one sentence on stderr and its exit code."""
    signal.signal(signal.SIGTERM, _raise_interrupt)
    collect_seldom()
    use_language_of_environment()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal may know fewer characters
    try:
        _run_and_flush()
    except ResetError as error:
        _print_error(f"ks-reset: {error}")
        sys.exit(error.exit)
    except (KeyboardInterrupt, typer.Abort):
        _print_error("ks-reset: interrupted. Nothing is running any more.")
        sys.exit(Exit.INTERRUPTED)
    except OSError as error:
        if os.environ.get("KS_RESET_DEBUG"):
            raise
        _leave_without_output(error)
    except Exception as error:  # the last resort: a defect of ours is one sentence too
        if os.environ.get("KS_RESET_DEBUG"):
            raise
        what = f"{type(error).__name__}: {error}"
        _print_error(f"ks-reset: unexpected {what}. Please report it with the output of KS_RESET_DEBUG=1.")
        sys.exit(Exit.ERROR)
