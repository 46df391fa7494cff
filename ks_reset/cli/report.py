"""ks-reset report: what a run did, as a page or a file to hand over."""

import enum
from typing import Annotated

import typer

from ks_reset.cli import options as o
from ks_reset.cli.completion import run_names
from ks_reset.cli.flags import flag
from ks_reset.errors import Exit
from ks_reset.report import handover
from ks_reset.workflows.run_report import chosen_run, run_report

NAME = "report"
EXAMPLES = ("Example: ks-reset report -o html --out report.html --context prod --member test=test-admin",)


class Output(enum.StrEnum):
    """What a report is written as."""

    HTML = "html"
    MD = "md"
    JSON = "json"
    JUNIT = "junit"


RENDER = {
    Output.HTML: handover.render_report_page,
    Output.MD: handover.render_report_text,
    Output.JSON: handover.render_report_json,
    Output.JUNIT: handover.render_junit,
}
Run = Annotated[
    str,
    typer.Argument(
        autocompletion=run_names, help="A run by its name, its folder, or the file of its plan. (default: the last run)"
    ),
]
Format = Annotated[Output, flag("--output", "-o", text="Format of the report.")]


def command(
    run: Run = "",
    output: Format = Output.HTML,
    snapshot: o.Snapshot = None,
    *,
    connection: o.Connection,
) -> None:
    """Write what a run did, with the verdict of verify, to hand over. Sends only GET and LIST.

    Exits as verify: 0 clean, 3 not clean or not finished, 5 unknown. --snapshot takes the facts read after the run.
    """
    report = run_report(chosen_run(run), connection.read_facts(snapshot))
    typer.echo(RENDER[output](report), nl=False)
    if report.verdict.unknown or report.verdict.uncompared:
        raise typer.Exit(Exit.UNKNOWN)
    raise typer.Exit(Exit.OK if report.verdict.clean and report.state == "done" else Exit.PENDING)
