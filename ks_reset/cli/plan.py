"""ks-reset plan: what would be done, as a table, and as a file that apply takes."""

from pathlib import Path
from typing import Annotated

import typer

from ks_reset.cli import options as o
from ks_reset.cli.read import read
from ks_reset.errors import Exit, Usage
from ks_reset.model import FleetFacts, Options, Plan
from ks_reset.plan import deferred as leaving
from ks_reset.plan import file as plan_file
from ks_reset.plan import playbook as playbooks
from ks_reset.plan.playbook import Playbook as Book
from ks_reset.report import plan as report
from ks_reset.report.console import err, machine, out
from ks_reset.workflows.inputs import Inputs, after_reading, before_reading
from ks_reset.workflows.plan import beside, planned

NAME = "plan"
Playbook = Annotated[
    str,
    typer.Argument(
        envvar="KS_RESET_PLAYBOOK", help="A playbook by name, a YAML file, or a plan that was saved for later."
    ),
]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Save the plan to this file, for apply.")]


def command(
    playbook: Playbook = "uninstall",
    out_: Out = None,
    snapshot: o.Snapshot = None,
    record: o.Record = [],
    delete_data: o.Data = [],
    members: o.Chosen = [],
    later: o.Later = [],
    shared: o.Shared = [],
    gone_host: o.Gone = [],
    memory: o.Memory = None,
    run: o.Run = "",
    vault: o.VaultFile = None,
    identity: o.Identity = None,
    watch: o.Watch = 0,
    values: o.InstallValues = None,
    plain_http: o.Plain = [],
    uninstall_only: o.UninstallOnly = False,
    join: o.Joins = [],
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
    options = o.options(record, delete_data, members, later, shared, gone_host)
    opened, files = o.vault(vault, identity), o.join(join)
    given = Inputs(memory, run, opened, watch, values, tuple(plain_http), uninstall_only, files)
    chosen, options, saved = _chosen(playbook, before_reading(given, options))
    connected = None if snapshot else o.fleet(kubeconfig, context, member, as_, as_group, request_timeout)
    facts = read(snapshot, connected.only(options, chosen.scope) if connected else None)
    if saved:
        leaving.fits(saved, facts)
    plan = planned(chosen, facts, after_reading(given, chosen, options, facts))
    match output:
        case o.Output.TABLE:
            report.show(plan, out(), verbose)
        case o.Output.NAME:
            typer.echo("\n".join(action.id for action in plan.actions))
        case _:
            machine(plan, output)
    if out_:
        _save(plan, facts, out_)
    raise typer.Exit(Exit.PENDING if plan.actions else Exit.OK)


def _chosen(playbook: str, options: Options) -> tuple[Book, Options, Plan | None]:
    """The playbook, or that of a plan that was saved for later, whose options hold."""
    if not playbook.endswith(".json"):
        book = playbooks.load(playbook)
        if book.stages:
            each = ", ".join(stage.stage for stage in book.stages)
            raise Usage(f"{book.name} is made of stages with a plan each: {each}. Run ks-reset {book.name}.")
        return book, options, None
    plan = plan_file.load(Path(playbook))
    if not plan.open:
        raise Usage(f"{playbook} is a plan already: ks-reset apply {playbook}.")
    return playbooks.of_plan(plan.playbook, plan.scope, plan.steps), plan.options, plan


def _save(plan: Plan, facts: FleetFacts, path: Path) -> None:
    plan_file.save(plan, path)
    err().print(f"Saved to {path}. Apply it with: ks-reset apply {path}", markup=False)
    beside(plan, facts, path)
