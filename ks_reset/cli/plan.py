"""ks-reset plan: a plan as a table, and as a file for apply."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from ks_reset import facts as reading
from ks_reset.cli import options as o
from ks_reset.cli.completion import playbook_words
from ks_reset.cli.flags import flag
from ks_reset.cli.plan_words import complete_for, complete_kept
from ks_reset.cli.selection import Selection
from ks_reset.cli.terminal import Terminal
from ks_reset.errors import Exit
from ks_reset.model import Plan, Request
from ks_reset.plan import deferred
from ks_reset.plan import file as plan_file
from ks_reset.plan import playbook as playbooks
from ks_reset.plan.again import connection_flags
from ks_reset.report import plan as report
from ks_reset.report.console import print_document, print_names, stdout_console
from ks_reset.report.plan_kept import untouched_lines
from ks_reset.workflows.choices import untold_names
from ks_reset.workflows.inputs import Inputs
from ks_reset.workflows.interaction import gather_facts
from ks_reset.workflows.plan import Known, checked_plan, plan_request, request, save_deferred_plans

NAME = "plan"
EXAMPLES = (
    "Example: ks-reset plan stale-record --context prod --member test=test-admin --out cure.json",
    "Playbooks:",
    *(f"{name}: {playbooks.load_playbook(name).title}." for name in playbooks.playbook_names()),
)
Playbook = Annotated[
    str,
    typer.Argument(
        envvar="KS_RESET_PLAYBOOK",
        autocompletion=playbook_words,
        help="A playbook by name, a YAML file, or a plan that was saved for later.",
    ),
]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Save the plan to this file, as JSON, for apply.")
]
Detailed = Annotated[bool, flag("--detailed-exitcode", text="Exit with 3 if the plan has changes, 0 if it has none.")]


def command(
    playbook: Playbook = "uninstall",
    out: Out = None,
    snapshot: o.Snapshot = None,
    record: o.Record = [],
    *,
    selection: Selection,
    inputs: o.PlanInputFlags,
    output: o.Format = o.Output.TABLE,
    verbose: o.Verbose = False,
    detailed_exitcode: Detailed = False,
    connection: o.Connection,
) -> None:
    """Show what a playbook would do, and save it with --out FILE for apply. Sends only GET and LIST.

    Exits 0 with a plan made, 4 if it is refused, 5 if something could not be read.
    """
    options, terminal = selection.as_options(record), Terminal()
    asked = plan_request(playbook, options, Inputs.read(inputs.as_paths(), options))
    if snapshot:
        facts = reading.load_snapshot(snapshot)
    else:
        clients = connection.open_clients().only(asked.options, asked.playbook.scope)
        facts = gather_facts(clients, terminal)
    if asked.saved:
        deferred.require_same_cluster(asked.saved, facts)
    complete = request(asked.inputs, asked.playbook, asked.options, facts, terminal)
    known = Known(asked.saved.request if asked.saved else Request(), connection.member_names)
    plan = checked_plan(asked.playbook, facts, complete, asked.saved, known)
    for line in untold_names(facts, complete.request, known.before, known.members):
        terminal.say(line)
    match output:
        case o.Output.TABLE:
            shown, untouched = complete_kept(plan), untouched_lines(plan, facts)
            report.show_plan(shown, stdout_console(), verbose, complete_for(plan), untouched)
        case o.Output.NAME:
            print_names(action.id for action in plan.actions)
        case _:
            print_document(plan, output)
    if out:
        plan_file.save_plan(plan, out)
        terminal.say(f"Saved to {out}. {_next_command(plan, out)}")
        save_deferred_plans(plan, facts, out, terminal.say)
    raise typer.Exit(Exit.PENDING if plan.actions and detailed_exitcode else Exit.OK)


def _next_command(plan: Plan, out: Path) -> str:
    """How to apply the plan: with the contexts in it, since a snapshot needs none to be planned."""
    if not plan.actions:
        return "It has no action."
    return f"Apply it with: ks-reset apply {shlex.quote(str(out))} {connection_flags(plan)}"
