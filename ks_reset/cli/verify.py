"""ks-reset verify: leftovers, and changes of bystanders since the baseline."""

from pathlib import Path
from typing import Annotated

import typer

from ks_reset.cli import options as o
from ks_reset.cli.flags import flag
from ks_reset.cli.way_on import complete_sentence
from ks_reset.errors import Exit
from ks_reset.report import proof as report
from ks_reset.report.console import print_document, print_names, stderr_console, stdout_console
from ks_reset.workflows.baselines import given_baseline
from ks_reset.workflows.verify import verify_fleet

NAME = "verify"
EXAMPLES = ("Example: ks-reset verify --context prod --member test=test-admin",)
Baseline = Annotated[
    Path | None,
    flag(
        "--baseline",
        text="Baseline to compare with, such as one of another machine. (default: the last run's baseline.json.gz)",
    ),
]
Removed = Annotated[
    bool | None,
    typer.Option(
        "--removed/--installed",
        help="Whether KubeSphere is meant to be gone. (default: as the last run on each cluster left it)",
    ),
]


def command(
    baseline: Baseline = None,
    removed: Removed = None,
    output: o.Format = o.Output.TABLE,
    verbose: o.Verbose = False,
    *,
    connection: o.Connection,
) -> None:
    """Look for leftovers by API discovery, and prove that bystanders are unchanged. Exits 3 if not clean.

    Exits 5 if something could not be read, or there is no baseline to compare bystanders with.
    """
    before = given_baseline(baseline) if baseline else None
    facts = connection.read_facts()
    verdict = verify_fleet(facts, before, removed=removed)
    match output:
        case o.Output.TABLE:
            report.print_verdict(verdict, facts, stdout_console(), verbose, complete_sentence)
        case o.Output.NAME:
            for sentence in verdict.uncompared:
                stderr_console().print(sentence, markup=False)
            print_names(f"{item.cluster} {item.object}" for item in verdict.leftovers)
        case _:
            print_document(verdict, output)
    if verdict.unknown or verdict.uncompared:
        raise typer.Exit(Exit.UNKNOWN)
    raise typer.Exit(Exit.OK if verdict.clean else Exit.PENDING)
