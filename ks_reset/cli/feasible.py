"""ks-reset feasible: whether KubeSphere could be put back, before it is taken off."""

from pathlib import Path
from typing import Annotated

import typer

from ks_reset import facts as reading
from ks_reset.cli import options as o
from ks_reset.cli.terminal import Terminal
from ks_reset.errors import Exit
from ks_reset.feasible import obstacles
from ks_reset.report import install as report
from ks_reset.report.console import machine, out
from ks_reset.workflows.inputs import read_values
from ks_reset.workflows.installation import ask_registries, with_former_installation

NAME = "feasible"
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
    values, former = read_values(file), reading.load(memory) if memory else None
    facts = with_former_installation(connection.read_facts(snapshot), former)
    asked = ask_registries(values, facts, plain_http, Terminal())
    found = obstacles(values, facts, asked)
    if output is o.Output.TABLE:
        report.show(found, len(asked.images), out())
    else:
        machine(found, output)
    if found:
        raise typer.Exit(Exit.UNKNOWN if all(each.unknown for each in found) else Exit.REFUSED)
