"""ks-reset runbook: a plan or playbook as Markdown, with kubectl commands."""

from pathlib import Path
from typing import Annotated

import typer

from ks_reset.errors import Usage
from ks_reset.plan import deferred
from ks_reset.plan import file as plan_file
from ks_reset.plan import playbook as playbooks
from ks_reset.report import runbook as report

NAME = "runbook"
EXAMPLES = ("Example: ks-reset runbook plan.json > runbook.md",)
Source = Annotated[str, typer.Argument(help="A playbook by name, or a plan saved with plan -o.")]


def command(source: Source = "uninstall") -> None:
    """Write a runbook in Markdown to stdout: every step, why it stands there, and the kubectl equivalents."""
    if not source.endswith(".json"):
        book = playbooks.load_playbook(source)
        inner = [
            playbooks.load_playbook(stage.stage) for stage in book.stages if stage.stage in playbooks.playbook_names()
        ]
        typer.echo("\n".join(report.render_playbook(each) for each in (book, *inner)), nl=False)
        return
    if not Path(source).is_file():
        raise Usage(f"There is no plan at {source}. Make one with ks-reset plan -o {source}.")
    plan = plan_file.load_plan(Path(source))
    deferred.require_objects(plan)
    typer.echo(report.render_plan(plan, playbooks.playbook_of_plan(plan.playbook, plan.scope, plan.steps)), nl=False)
