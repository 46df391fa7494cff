"""ks-reset memory: the objects to restore after a reinstall, as a table or as manifests."""

from pathlib import Path
from typing import Annotated

import typer

from ks_reset import local
from ks_reset.cli import options as o
from ks_reset.errors import Usage, other_file
from ks_reset.report import memory as report
from ks_reset.report.console import print_document, print_names, stderr_console, stdout_console
from ks_reset.tenancy.memory import build_memory

NAME = "memory"
EXAMPLES = ("Example: ks-reset memory --to folder --context prod",)
Folder = Annotated[
    Path | None, typer.Option("--to", help="Write one file of manifests for each cluster into this folder.")
]


def command(
    to: Folder = None,
    snapshot: o.Snapshot = None,
    output: o.Format = o.Output.TABLE,
    *,
    connection: o.Connection,
) -> None:
    """Show what KubeSphere knows and rebind would give back; with --to, as manifests for kubectl apply and velero."""
    facts = connection.read_facts(snapshot)
    memory = build_memory(facts)
    if to:
        for world in facts.clusters:
            path, text = to / f"{local.file_name(world.name)}.yaml", report.memory_manifests(memory, world)
            if not text:
                stderr_console().print(f"Nothing is remembered of {world.name}, so no file.", markup=False)
                continue
            try:
                to.mkdir(parents=True, exist_ok=True)
                local.write_private_file(path, text.encode())
            except OSError as error:
                raise Usage(f"{path} cannot be written: {error.strerror}.", other_file(to)) from error
            stderr_console().print(f"Wrote {path}.", markup=False)
        return
    match output:
        case o.Output.TABLE:
            report.print_memory(memory, facts, stdout_console())
        case o.Output.NAME:
            print_names(bond.workspace for bond in memory.bonds)
        case _:
            print_document(memory, output)
