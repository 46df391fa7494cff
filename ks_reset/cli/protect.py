"""ks-reset protect: the seatbelt by itself, on, off, or asked for; the emergency brake."""

import re
from typing import Annotated

import typer

from ks_reset.cli import options as o
from ks_reset.cli.flags import expand_groups, flag
from ks_reset.cli.out import OutCommand
from ks_reset.cli.selection import AcceptLoss, GoneHost, Shared
from ks_reset.cli.terminal import Terminal
from ks_reset.errors import Exit, Usage, left_out
from ks_reset.report import protect as report
from ks_reset.report.console import print_document, print_names, stdout_console
from ks_reset.workflows.protect import Removal, put_seatbelts_on, read_seatbelts, take_seatbelts_off

app = typer.Typer(help="Have the API server refuse deletions of users' namespaces, volumes and types.")
Except = Annotated[
    list[str],
    flag("--except", metavar="NAMESPACE", text="One to leave out; may be repeated."),
]
LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
Force = Annotated[bool, flag("--force", text="Also one that a playbook put on.")]


@app.command("on")
@expand_groups
def seatbelt_on(
    except_: Except = [],
    timeout: o.Timeout = 60,
    *,
    connection: o.Connection,
) -> None:
    """Put it on, in every cluster named, and see it enforced. One that is on already keeps its owner and exceptions."""
    for name in except_:
        if not LABEL.fullmatch(name):
            raise Usage(f"--except {name} is not the name of a namespace.", *left_out(f"--except {name}"))
    put_seatbelts_on(connection.open_clients(), tuple(except_), float(timeout), Terminal())


@app.command("off")
@expand_groups
def seatbelt_off(
    force: Force = False,
    accept_loss: AcceptLoss = [],
    shared: Shared = [],
    gone_host: GoneHost = [],
    *,
    connection: o.Connection,
) -> None:
    """Take it off, in every cluster named, unless users' objects would be lost without it.

    One that a playbook put on comes off with that playbook, or by --force. Exits 5 if not everything could be read.
    """
    removal = Removal(tuple(accept_loss), force, tuple(shared), tuple(gone_host))
    take_seatbelts_off(connection.open_clients(), removal, Terminal())


@app.command("status", cls=OutCommand)
@expand_groups
def seatbelt_status(
    output: o.Format = o.Output.TABLE,
    *,
    connection: o.Connection,
) -> None:
    """Say whether it is on, who put it on, and what it protects. Exits 3 unless it is on everywhere."""
    statuses = [report.status_of_seatbelt(world) for world in read_seatbelts(connection.open_clients())]
    match output:
        case o.Output.TABLE:
            report.print_statuses(statuses, stdout_console())
        case o.Output.NAME:
            print_names(status.cluster for status in statuses if status.on)
        case _:
            print_document(statuses, output)
    raise typer.Exit(Exit.OK if all(status.on for status in statuses) else Exit.PENDING)
