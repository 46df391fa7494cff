"""ks-reset apply: do what a plan says, and nothing else. Started again, it continues."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ks_reset import apply as applying
from ks_reset.cli import options as o
from ks_reset.cli.keys import keys_for
from ks_reset.cli.read import read
from ks_reset.errors import Exit, Refused, Usage
from ks_reset.facts import Clients
from ks_reset.journal import Journal
from ks_reset.model import Options, Plan
from ks_reset.plan import deferred
from ks_reset.plan import file as plan_file
from ks_reset.plan import playbook as playbooks
from ks_reset.report import plan as report
from ks_reset.report.console import ProgressDisplay, err, out
from ks_reset.workflows.plan import planned

NAME = "apply"
File = Annotated[
    Path | None, typer.Argument(help="A plan saved with plan -o. Without one, uninstall is planned and shown.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", envvar="KS_RESET_YES", help="Do not ask; needs a saved plan.")]


def command(
    file: File = None,
    yes: Yes = False,
    timeout: o.Timeout = 300,
    vault: o.VaultFile = None,
    identity: o.Identity = None,
    values: o.InstallValues = None,
    join: o.Joins = [],
    kubeconfig: o.Kubeconfig = "",
    context: o.Context = "",
    member: o.Members = [],
    as_: o.User = "",
    as_group: o.Groups = [],
    request_timeout: o.RequestTimeout = 30,
) -> None:
    """Apply a plan. Asks for the host's name first; --yes with a saved plan does not ask."""
    if yes and file is None:
        raise Usage(
            "--yes needs a saved plan: ks-reset plan -o plan.json, read it, then ks-reset apply plan.json --yes."
        )
    opened, files = o.vault(vault, identity), o.join(join)
    plan = plan_file.load(file) if file else None
    if plan:
        deferred.whole(plan)
    connected = o.fleet(kubeconfig, context, member, as_, as_group, request_timeout)
    if plan is None:
        plan = planned(playbooks.load("uninstall"), read(None, connected), Options())
        report.show(plan, out(), verbose=False)
        if not plan.actions:
            raise typer.Exit(Exit.OK)
    if not yes:
        ask(plan)
    apply_plan(connected.only(plan.options, plan.scope), plan, timeout, keys_for(plan, opened, values, files))


def apply_plan(connected: Clients, plan: Plan, timeout: int, keys: applying.Credentials) -> None:
    """Apply, with progress on stderr and the sum on stdout."""
    journal, book = Journal.of_plan(plan).folder, playbooks.of_plan(plan.playbook, plan.scope, plan.steps)
    with ProgressDisplay() as progress:
        reporter = applying.Progress(progress.begin, progress.beat, progress.done, progress.left)
        try:
            done = applying.apply(connected, plan, book, reporter, float(timeout), keys)
        except KeyboardInterrupt:
            progress.line(f"Interrupted. What was done is in {journal}; the same command continues.")
            raise
    if not done.writes:
        out().print("Nothing to do: everything in this plan is so already. No write was sent.")
        return
    out().print(f"Done: {done.writes} writes sent, each read back. Journal: {journal}", markup=False)
    if "loosen-seatbelt" in plan.steps and not book.needs:
        err().print("Now prove it: ks-reset verify, with the same flags.")
    if "loosen-seatbelt" not in plan.steps:
        err().print("The seatbelt stays on, and what was stopped stays stopped. See ks-reset protect status.")


def named(plan: Plan) -> None:
    """Say which clusters these are, by address and identity."""
    for cluster in plan.clusters:
        said = f"{cluster.role} {cluster.name}  {cluster.endpoint}  {cluster.version}  {cluster.identity}"
        err().print(said, markup=False)


def ask(plan: Plan) -> None:
    """Ask for the host's name. Raises Refused without a terminal or for any other answer."""
    host = plan.clusters[-1]
    if not sys.stdin.isatty():
        raise Refused("There is no terminal to ask on. Save a plan, read it, and apply it with --yes.")
    named(plan)
    err().print(report.totals(plan), markup=False)
    if typer.prompt(f"Type the host's name ({host.name}) to go on", err=True) != host.name:
        raise Refused("That is not the host's name. Nothing was sent.")
