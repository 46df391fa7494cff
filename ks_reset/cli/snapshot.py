"""ks-reset snapshot: the facts of the fleet in one file, without credentials."""

import enum
import shlex
from pathlib import Path
from typing import Annotated

import typer

from ks_reset import facts as reading
from ks_reset.cli import options as o
from ks_reset.errors import Usage
from ks_reset.report.console import print_document, stderr_console

NAME = "snapshot"
EXAMPLES = ("Example: ks-reset snapshot --context prod --member test=test-admin --out before.json",)
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="File to write, as JSON (.gz compresses). (default: stdout)"),
]


class Output(enum.StrEnum):
    """How a snapshot is written to stdout."""

    JSON = "json"
    YAML = "yaml"


Format = Annotated[Output, typer.Option("--output", "-o", help="Format of the snapshot on stdout.")]


def command(
    out: Out = None,
    output: Format = Output.JSON,
    *,
    connection: o.Connection,
) -> None:
    """Save every object of every cluster, for doctor and plan offline. Secrets are metadata alone."""
    if out and output is not Output.JSON:
        raise Usage(
            f"A file for --snapshot is JSON: ks-reset snapshot --out {shlex.quote(str(out))}; to print {output} "
            f"instead: ks-reset snapshot -o {output}."
        )
    facts = connection.read_facts()
    if out is None:
        print_document(facts, output)
        return
    reading.save_snapshot(facts, out)
    count = sum(len(objs) for world in facts.clusters for objs in world.objects.values())
    stderr_console().print(f"Saved {count} objects of {len(facts.clusters)} cluster(s) to {out}.", markup=False)
