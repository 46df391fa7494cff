"""ks-reset plan: what would be done, as a table, and as a file that apply takes."""

from pathlib import Path
from typing import Annotated

import typer

from ks_reset import plan as planning
from ks_reset import playbook as playbooks
from ks_reset.cli import options as o
from ks_reset.cli.planned import planned
from ks_reset.cli.read import read
from ks_reset.errors import Exit
from ks_reset.report import plan as report
from ks_reset.report.console import err, machine, out

NAME = "plan"
Playbook = Annotated[str, typer.Argument(envvar="KS_RESET_PLAYBOOK", help="A playbook by name, or a YAML file.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Save the plan to this file, for apply.")]


def command(
    playbook: Playbook = "uninstall",
    out_: Out = None,
    snapshot: o.Snapshot = None,
    record: o.Record = [],
    delete_data: o.Data = [],
    members: o.Chosen = [],
    later: o.Later = [],
    output: o.LongFormat = o.Output.TABLE,
    verbose: o.Verbose = False,
    kubeconfig: o.Kubeconfig = "",
    context: o.Context = "",
    member: o.Members = [],
    as_: o.User = "",
    as_group: o.Groups = [],
    request_timeout: o.RequestTimeout = 30,
) -> None:
    """Show what a playbook would do, and save it with -o. Sends only GET and LIST; exits 3 if changes are pending."""
    chosen = playbooks.load(playbook)
    options = o.options(record, delete_data, members, later)
    connected = None if snapshot else o.fleet(kubeconfig, context, member, as_, as_group, request_timeout)
    facts = read(snapshot, connected.only(options) if connected else None)
    plan = planned(chosen, facts, options)
    match output:
        case o.Output.TABLE:
            report.show(plan, out(), verbose)
        case o.Output.NAME:
            typer.echo("\n".join(action.id for action in plan.actions))
        case _:
            machine(plan, output)
    if out_:
        planning.save(plan, out_)
        err().print(f"Saved to {out_}. Apply it with: ks-reset apply {out_}", markup=False)
    raise typer.Exit(Exit.PENDING if plan.actions else Exit.OK)
