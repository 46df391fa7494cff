"""The command line: parse, one call, render, exit code. Everything else is elsewhere."""

import os
import signal
import sys
from types import FrameType

import typer

from ks_reset import __version__
from ks_reset.cli.lazy import EPILOG, LazyGroup
from ks_reset.errors import Exit, ResetError
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


@app.callback()
def _root_options(
    version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Say the version and exit."
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


def main() -> None:
    """Run the command line; every deliberate error becomes one sentence on stderr and its exit code."""
    signal.signal(signal.SIGTERM, _raise_interrupt)
    collect_seldom()
    try:
        app(standalone_mode=True)
    except ResetError as error:
        _print_error(f"ks-reset: {error}")
        sys.exit(error.exit)
    except (KeyboardInterrupt, typer.Abort):
        _print_error("ks-reset: interrupted. Nothing is running any more.")
        sys.exit(Exit.INTERRUPTED)
    except Exception as error:  # the last resort: a defect of ours is one sentence too
        if os.environ.get("KS_RESET_DEBUG"):
            raise
        what = f"{type(error).__name__}: {error}"
        _print_error(f"ks-reset: unexpected {what}. Please report it with the output of KS_RESET_DEBUG=1.")
        sys.exit(Exit.ERROR)
