"""ks-reset runs: the runs on this machine, and who runs now on the clusters that are named."""

import enum
import shlex
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ks_reset.cli import options as o
from ks_reset.cli.completion import run_names
from ks_reset.cli.flags import expand_groups
from ks_reset.cli.out import OutCommand
from ks_reset.cli.terminal import Terminal
from ks_reset.cli.way_on import CONNECTION, as_words, current_call
from ks_reset.cluster import list_contexts
from ks_reset.errors import Exit, ResetError, Usage
from ks_reset.local import state_dir
from ks_reset.model import Plan
from ks_reset.plan.again import connection_flags
from ks_reset.report import runs as report
from ks_reset.report.console import print_document, print_names, stdout_console
from ks_reset.workflows.runs import (
    ClusterLock,
    chosen_folder,
    command_to_go_on,
    read_locks,
    read_run,
    run_folders,
    state_of_run,
)

app = typer.Typer(help="What was run on this machine, what an interrupted run has left, and how to go on with it.")
Run = Annotated[
    str,
    typer.Argument(
        metavar="RUN", autocompletion=run_names, help="A run by its name, or its folder. (default: the newest)"
    ),
]


class LogOutput(enum.StrEnum):
    """How a journal is written to stdout."""

    TEXT = "text"
    JSON = "json"


NONE = "No run is known in {}. The runs of another user or folder: set KS_RESET_STATE."
LogFormat = Annotated[LogOutput, typer.Option("--output", "-o", help="Format of the journal.")]


@app.command("list", cls=OutCommand, epilog="Example: ks-reset runs list --context prod --member test=test-admin")
@expand_groups
def list_runs(output: o.Format = o.Output.TABLE, *, connection: o.Connection) -> None:
    """List the runs of this machine, the newest first; with clusters named, also who runs on them now.

    Exits 5 if a cluster that was named does not tell who runs.
    """
    locks = _locks_of(connection)
    states = [state_of_run(read_run(folder), locks) for folder in run_folders()]
    match output:
        case o.Output.TABLE:
            report.print_runs(states, stdout_console())
            for line in report.lock_lines(locks, datetime.now(UTC)):
                stdout_console().print(line, markup=False, soft_wrap=True)
        case o.Output.NAME:
            print_names(state.run for state in states)
        case _:
            print_document({"runs": states, "locks": locks}, output)
    if not states:
        Terminal().say(NONE.format(state_dir() / "runs"))
    raise typer.Exit(Exit.UNKNOWN if any(lock.why for lock in locks) else Exit.OK)


@app.command("show", cls=OutCommand, epilog="Example: ks-reset runs show")
@expand_groups
def show_run(
    run: Run = "",
    output: o.Format = o.Output.TABLE,
    verbose: o.Verbose = False,
    *,
    connection: o.Connection,
) -> None:
    """Show a run step by step: what is done, what is left, and the command to go on with."""
    folder = _folder_of(run, connection)
    record = read_run(folder)
    state = state_of_run(record, _locks_of(connection))
    go_on = "" if state.state == "running" else command_to_go_on(record, _flags_of(connection, record.plan))
    match output:
        case o.Output.TABLE:
            report.print_run(record, state, go_on, stdout_console(), verbose)
            if state.state == "done":
                back = f"ks-reset plan restore --run {folder.name} --out back.json"
                Terminal().say(f"To hand over: ks-reset report {folder.name}. To give back what it took: {back}")
        case o.Output.NAME:
            print_names(action.id for action in record.left())
        case _:
            left = [action.id for action in record.left()]
            document = {"run": state, "steps": report.step_states(record), "left": left, "command": go_on}
            print_document(document, output)


@app.command("logs", cls=OutCommand, epilog="Example: ks-reset runs logs")
@expand_groups
def show_journal(run: Run = "", output: LogFormat = LogOutput.TEXT) -> None:
    """Print the journal of a run, a line for each entry; as JSON with the objects as they were before."""
    record = read_run(_folder_of(run, o.Connection()))
    for sentence in record.unread:
        Terminal().say(sentence)
    if output is LogOutput.JSON:
        print_document(record.entries, output)
        return
    for line in report.journal_lines(record):
        typer.echo(line)


def _locks_of(connection: o.Connection) -> list[ClusterLock]:
    return read_locks(connection.open_clients()) if connection.is_given else []


def _folder_of(run: str, connection: o.Connection) -> Path:
    """The folder of a run. Raises UnknownName, or Usage if there is no run at all."""
    if folder := chosen_folder(run):
        return folder
    ask = f"To ask a cluster who works on it now: ks-reset runs list --context {_context_of(connection)}"
    raise Usage(f"{NONE.format(state_dir() / 'runs')} {ask}")


def _context_of(connection: o.Connection) -> str:
    """The context of the call, else the current one, quoted for a shell; NAME if there is none."""
    with suppress(ResetError):
        return shlex.quote(connection.context or list_contexts(connection.kubeconfig)[1] or "NAME")
    return "NAME"


def _flags_of(connection: o.Connection, plan: Plan | None) -> str:
    """The flags that lead to the clusters: those given now, else by the contexts of the plan."""
    given = [pair for pair in current_call().given if pair[0] in CONNECTION]
    return as_words(given) if connection.is_given or plan is None else connection_flags(plan)
