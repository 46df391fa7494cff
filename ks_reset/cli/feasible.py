"""ks-reset feasible: whether an installation would succeed, before an uninstall."""

from pathlib import Path
from typing import Annotated

import typer

from ks_reset import facts as reading
from ks_reset.cli import options as o
from ks_reset.cli.terminal import Terminal
from ks_reset.cli.way_on import complete_cures
from ks_reset.errors import Exit
from ks_reset.findings import check_install
from ks_reset.install.images import missing_images
from ks_reset.model import Severity
from ks_reset.report import install as report
from ks_reset.report.console import print_document, print_names, stdout_console
from ks_reset.workflows.inputs import read_values
from ks_reset.workflows.installation import ask_registries, with_former_installation

NAME = "feasible"
EXAMPLES = ("Example: ks-reset feasible install.yaml --context prod",)
File = Annotated[Path, typer.Argument(help="A values file: version, source, and what is to be otherwise than before.")]


def command(
    file: File,
    memory: o.Memory = None,
    plain_http: o.PlainHttp = [],
    snapshot: o.Snapshot = None,
    output: o.Format = o.Output.TABLE,
    *,
    connection: o.Connection,
) -> None:
    """Ask whether an installation can succeed, before anything is removed. Exits 4 if not, 5 if nobody can tell."""
    values, former = read_values(file), reading.load_snapshot(memory) if memory else None
    facts = with_former_installation(connection.read_facts(snapshot), former)
    answers = ask_registries(values, facts, plain_http, Terminal())
    findings = complete_cures(check_install(values, facts, answers))
    match output:
        case o.Output.TABLE:
            missing = missing_images(answers, facts)
            report.print_feasibility(findings, len(answers.images), missing, stdout_console())
        case o.Output.NAME:
            print_names(finding.id for finding in findings)
        case _:
            print_document(findings, output)
    if against := [finding for finding in findings if "reinstall" in finding.blocks]:
        unknown = all(finding.severity is Severity.UNKNOWN for finding in against)
        raise typer.Exit(Exit.UNKNOWN if unknown else Exit.REFUSED)
