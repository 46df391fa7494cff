"""The command line: parse, one call, render, exit code. Everything else is elsewhere."""

import os
import signal
import sys
from types import FrameType

import typer

from ks_reset import __version__
from ks_reset.cli import (
    apply,
    catalogue,
    doctor,
    explain,
    feasible,
    memory,
    plan,
    protect,
    rehearse,
    render,
    reset,
    runbook,
    snapshot,
    vault,
    verify,
)
from ks_reset.cli.flags import expand_groups
from ks_reset.errors import Exit, ResetError
from ks_reset.local import collect_seldom
from ks_reset.report.console import stderr_console

EPILOG = (
    "Exit codes: 0 done or clean · 1 error · 2 usage · 3 changes pending or not clean · 4 refused by a guard · "
    "5 unknown: could not read · 6 plan stale · 7 stopped, resumable · 130 interrupted."
)
app = typer.Typer(
    name="ks-reset",
    help="Take KubeSphere off a fleet of Kubernetes clusters without touching one workload.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for module in (
    snapshot,
    vault,
    memory,
    doctor,
    explain,
    feasible,
    render,
    plan,
    apply,
    verify,
    reset,
    runbook,
    catalogue,
):
    app.command(module.NAME, epilog=EPILOG)(expand_groups(module.command))
app.add_typer(protect.app, name="protect")
app.add_typer(rehearse.app, name="rehearse")


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


def main() -> None:
    """Run the command line; every deliberate error becomes one sentence on stderr and its exit code."""
    signal.signal(signal.SIGTERM, _raise_interrupt)
    collect_seldom()
    try:
        app(standalone_mode=True)
    except ResetError as error:
        stderr_console().print(f"ks-reset: {error}", markup=False)
        sys.exit(error.exit)
    except (KeyboardInterrupt, typer.Abort):
        stderr_console().print("ks-reset: interrupted. Nothing is running any more.", markup=False)
        sys.exit(Exit.INTERRUPTED)
    except Exception as error:  # the last resort: a defect of ours is one sentence too
        if os.environ.get("KS_RESET_DEBUG"):
            raise
        what = f"{type(error).__name__}: {error}"
        stderr_console().print(
            f"ks-reset: unexpected {what}. Please report it with the output of KS_RESET_DEBUG=1.", markup=False
        )
        sys.exit(Exit.ERROR)
