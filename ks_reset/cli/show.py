"""ks-reset show: a saved plan as plan prints it, without a cluster."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from ks_reset.cli import options as o
from ks_reset.cli.flags import flag
from ks_reset.cli.plan_words import complete_for, complete_kept
from ks_reset.model import Action, Plan
from ks_reset.plan import file as plan_file
from ks_reset.report import plan as report
from ks_reset.report.console import print_document, print_names, stdout_console
from ks_reset.report.plan_step import print_step, step_named

NAME = "show"
EXAMPLES = ("Example: ks-reset show plan.json --step 4",)
File = Annotated[Path, typer.Argument(metavar="PLAN-FILE", help="A plan saved with plan --out.")]
Step = Annotated[str, flag("--step", metavar="N", text="Print each object of this step, by its number or its name.")]


def command(file: File, step: Step = "", output: o.Format = o.Output.TABLE, verbose: o.Verbose = False) -> None:
    """Print a saved plan as plan does, or each object of one of its steps. Reads no cluster; exits 0."""
    plan = plan_file.load_plan(file)
    name = step_named(plan, step, file) if step else ""
    actions = tuple(action for action in plan.actions if name in ("", action.step))
    match output:
        case o.Output.TABLE:
            _print_table(plan, name, file, verbose)
        case o.Output.NAME:
            print_names(action.id for action in actions)
        case _:
            print_document(_document(plan, name, actions), output)


def _print_table(plan: Plan, step: str, file: Path, verbose: bool) -> None:
    console, quoted = stdout_console(), shlex.quote(str(file))
    if step:
        print_step(plan, step, console)
        return
    if plan.open:
        name = plan.clusters[-1].name
        about = f"Plan {plan.playbook} for {name}, made {plan.made}, digest {plan.digest}."
        console.print(f"{about} It was saved for later and names no objects yet. Once {name} answers:", markup=False)
        command = f"  ks-reset plan {quoted} --context ITS-CONTEXT --out now.json"
        console.print(command, markup=False, soft_wrap=True)
        return
    report.show_plan(complete_kept(plan), console, verbose, complete_for(plan))
    console.print(f"Made: {plan.made}. Each object of one step:\n  ks-reset show {quoted} --step N", markup=False)


def _document(plan: Plan, step: str, actions: tuple[Action, ...]) -> object:
    if not step:
        return plan
    return {"step": step, "actions": actions, "follow": [each for each in plan.foreseen if each.step == step]}
