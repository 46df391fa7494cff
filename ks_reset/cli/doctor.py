"""ks-reset doctor: findings with their evidence, consequence and cure."""

import enum
from collections.abc import Sequence
from typing import Annotated

import typer
from msgspec import structs

from ks_reset import seatbelt
from ks_reset.cli import options as o
from ks_reset.cli.flags import flag
from ks_reset.cli.way_on import complete_cures, complete_sentence
from ks_reset.errors import Exit
from ks_reset.findings import check_up
from ks_reset.model import Finding, FleetFacts, Options, Request, Severity, Urgency
from ks_reset.report import detection, records, sarif
from ks_reset.report import findings as report
from ks_reset.report.console import print_document, print_names, stdout_console
from ks_reset.workflows.remembered_joins import with_remembered_joins

NAME = "doctor"
EXAMPLES = ("Example: ks-reset doctor --context prod --member test=test-admin",)
Checks = Annotated[bool, flag("--checks", text="List every check with its result, also those that passed.")]


class Output(enum.StrEnum):
    """How findings are written to stdout; sarif is for tools that collect results of checks."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"
    NAME = "name"
    SARIF = "sarif"


Format = Annotated[Output, flag("--output", "-o", text="Format of the result.")]


def _first_aid(facts: FleetFacts, findings: Sequence[Finding]) -> str:
    """What comes before every cure while data of users is at risk; "" if each API server refuses deletions already."""
    endangered = any(f.severity is Severity.CRITICAL and f.urgency is Urgency.DATA for f in findings)
    if not endangered or all(seatbelt.is_on(cluster) for cluster in facts.clusters):
        return ""
    return "Before anything else, have the API servers refuse deletions of users' objects: ks-reset protect on."


def command(
    snapshot: o.Snapshot = None,
    record: o.Record = [],
    output: Format = Output.TABLE,
    verbose: o.Verbose = False,
    checks: Checks = False,
    *,
    connection: o.Connection,
) -> None:
    """Look for stale records, loaded guns and leftovers. Sends only GET and LIST. Exits 3 if something is found."""
    facts = connection.read_facts(snapshot)
    options = with_remembered_joins(facts, Options(Request(records=tuple(record))))
    up = check_up(facts, options)
    up = structs.replace(up, findings=tuple(complete_cures(up.findings)))
    match output:
        case Output.TABLE:
            console = stdout_console()
            report.print_clusters(facts, console)
            detection.print_detections(facts, console)
            records.print_records(facts, console)
            report.print_check_up(up, console, verbose, checks, complete_sentence(_first_aid(facts, up.findings)))
        case Output.NAME:
            print_names(finding.id for finding in up.findings)
        case Output.SARIF:
            typer.echo(sarif.render_sarif(list(up.findings)), nl=False)
        case _:
            print_document(up if checks else up.findings, output)
    if any(finding.severity is Severity.UNKNOWN for finding in up.findings):
        raise typer.Exit(Exit.UNKNOWN)
    raise typer.Exit(Exit.PENDING if any(f.severity is not Severity.INFO for f in up.findings) else Exit.OK)
