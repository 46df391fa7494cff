"""ks-reset backup: snapshot, vault and memory in one folder, with a manifest."""

from pathlib import Path
from typing import Annotated

import typer

from ks_reset.cli import options as o
from ks_reset.cli.terminal import Terminal
from ks_reset.cli.vault import Recipients
from ks_reset.cli.way_on import complete_error, complete_sentence
from ks_reset.credentials.vault import parse_recipients
from ks_reset.report.backup import print_backup
from ks_reset.report.console import print_document, print_names, stderr_console, stdout_console
from ks_reset.report.memory import memory_manifests
from ks_reset.report.refusals import print_error
from ks_reset.tenancy.memory import build_memory
from ks_reset.workflows.backup import Contents, require_new, save_backup, unread_error
from ks_reset.workflows.interaction import gather_facts
from ks_reset.workflows.vault import read_vault

NAME = "backup"
EXAMPLES = ("Example: ks-reset backup --to before -r age1… --context prod --member test=test-admin",)
Folder = Annotated[Path, typer.Option("--to", metavar="FOLDER", help="The folder to make; it must not be there.")]


def command(
    to: Folder,
    recipient: Recipients,
    output: o.Format = o.Output.TABLE,
    *,
    connection: o.Connection,
) -> None:
    """Save snapshot, vault and memory in one folder, with digests and the commands that use each file.

    Exits 5 if something could not be read: the folder is written, and its manifest names what is missing.
    """
    require_new(to)
    parse_recipients(recipient)
    fleet = connection.open_clients()
    facts = gather_facts(fleet, Terminal())
    memory = build_memory(facts)
    manifests = {each.identity: text for each in facts.clusters if (text := memory_manifests(memory, each))}
    unread: list[str] = []
    vault = read_vault(fleet, facts, lambda world, obj, why: unread.append(f"{world.name}: {obj.title}: {why}"))
    contents = Contents(facts, vault, recipient, manifests, tuple(unread))
    backup = save_backup(to, contents, complete_sentence)
    match output:
        case o.Output.TABLE:
            print_backup(backup, stdout_console())
        case o.Output.NAME:
            print_names(file.name for file in backup.files)
        case _:
            print_document(backup, output)
    if error := unread_error(backup):
        complete_error(error)
        print_error(error, stderr_console())
        raise typer.Exit(error.exit)
