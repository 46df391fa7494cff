"""ks-reset vault: credentials for restore and rebind, encrypted with age. Snapshots hold none."""

from pathlib import Path
from typing import Annotated

import typer

from ks_reset.cli import options as o
from ks_reset.cli.terminal import Terminal
from ks_reset.credentials.vault import parse_recipients, write_vault
from ks_reset.report.console import stderr_console
from ks_reset.workflows.interaction import gather_facts
from ks_reset.workflows.vault import read_vault

NAME = "vault"
EXAMPLES = ("Example: ks-reset vault -r age1… --out vault.age --context prod",)
Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="File to write.")]
Recipients = Annotated[
    list[str],
    typer.Option("--recipient", "-r", help="An age key (age1…) or SSH public key that opens it; may be repeated."),
]


def command(
    out: Out,
    recipient: Recipients,
    *,
    connection: o.Connection,
) -> None:
    """Keep the contents of KubeSphere's own Secrets and ConfigMaps, and password hashes, encrypted for your key."""
    parse_recipients(recipient)
    fleet = connection.open_clients()
    vault = read_vault(fleet, gather_facts(fleet, Terminal()))
    write_vault(vault, recipient, out)
    kept = len(vault.kept)
    stderr_console().print(f"Kept {kept} objects in {out}. Only the keys that you named open it.", markup=False)
