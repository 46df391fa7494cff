"""The command line: parse, one call, render, exit code. Everything else is elsewhere."""

import errno
import os
import signal
import sys
from contextlib import suppress
from types import FrameType

import typer

from ks_reset import __version__
from ks_reset.cli.encoding import can_show, use_encoding_of_terminal
from ks_reset.cli.lazy import EPILOG, LazyGroup
from ks_reset.errors import Exit, ResetError, Usage
from ks_reset.language import ENGLISH, LANGUAGES, language_of, use_language
from ks_reset.local import collect_seldom

app = typer.Typer(
    cls=LazyGroup,
    name="ks-reset",
    help="Take KubeSphere off a fleet of Kubernetes clusters without touching one workload.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""The answers to a write on a full or failing disk."""


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"ks-reset {__version__}")
        raise typer.Exit


def _use_language(name: str) -> None:
    if name and name not in LANGUAGES:
        raise Usage(f"There is no language {name}. There are: {', '.join(LANGUAGES)}. Type: ks-reset --lang en --help")
    if name:
        _use_if_shown(name)


def _use_if_shown(name: str) -> None:
    """Use a language, or English where the encoding of stdout has no characters for it."""
    use_language(name if can_show(name, sys.stdout) else ENGLISH)


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


def _print_error(error: ResetError) -> None:
    from ks_reset.cli.way_on import current_call  # not needed for the help
    from ks_reset.report.console import stderr_console
    from ks_reset.report.refusals import print_error

    call = current_call()
    try:
        print_error(error, stderr_console(), call.line, call.new_plan)
    except BrokenPipeError as gone:
        _leave_without_output(gone)


def _print_own(text: str) -> None:
    """Print what ended the process, which no command has raised, with the call written out."""
    from ks_reset.cli.way_on import complete_error

    error = ResetError(text)
    complete_error(error)
    _print_error(error)


def _run_and_flush() -> None:
    """Run the command, and write the rest of the buffer of stdout.

    Raises BrokenPipeError also after typer or rich has answered one with the exit code 1 (typer.core, `_main`;
    rich.console, `on_broken_pipe`).
    """
    try:
        app(standalone_mode=True)
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):
            raise end.__context__ from None
        raise
    finally:
        sys.stdout.flush()


def _leave_without_output(error: OSError) -> None:
    """Exit with ERROR after an error of this machine; by SIGPIPE, as kubectl, if nobody reads stdout any more."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python tries once more at its end
    if isinstance(error, BrokenPipeError):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGPIPE)
        sys.exit(128 + signal.SIGPIPE)  # where the signal is blocked
    if error.errno in NO_ROOM:
        what = f"{error.filename or 'stdout'} cannot be written"
    else:
        what = f"This machine failed{f' at {error.filename}' if error.filename else ''}"
    _print_own(f"{what}: {error.strerror or error}. Mend that, then run the same command again.")
    sys.exit(Exit.ERROR)


def main() -> None:
    """Run the command line; every deliberate error becomes one sentence on stderr and its exit code."""
    signal.signal(signal.SIGTERM, _raise_interrupt)
    collect_seldom()
    for stream in (sys.stdout, sys.stderr):
        use_encoding_of_terminal(stream, os.environ)
    _use_if_shown(language_of(os.environ))
    try:
        _run_and_flush()
    except ResetError as error:
        _print_error(error)
        sys.exit(error.exit)
    except (KeyboardInterrupt, typer.Abort):
        _print_own(
            "interrupted. No more requests are sent; what the API server has accepted goes on. To go on, run the "
            "same command again."
        )
        sys.exit(Exit.INTERRUPTED)
    except OSError as error:
        if os.environ.get("KS_RESET_DEBUG") and not isinstance(error, BrokenPipeError):
            raise
        _leave_without_output(error)
    except Exception as error:  # the last resort: a defect of ours is one sentence too
        if os.environ.get("KS_RESET_DEBUG"):
            raise
        what = f"{type(error).__name__}: {error}"
        _print_own(
            f"unexpected {what}. Please run the same command again with KS_RESET_DEBUG=1, and report its output."
        )
        sys.exit(Exit.ERROR)
