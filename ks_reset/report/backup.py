"""A backup as text: each file with its size and digest, then the commands that use it, each on a line of its own."""

from rich.console import Console

from ks_reset.workflows.backup import MANIFEST, Backup

DIGITS = 16
"""Digits of a SHA-256 on the screen; the manifest has all of them."""


def print_backup(backup: Backup, console: Console) -> None:
    """Print the files of a backup, and where its manifest is."""
    for file in backup.files:
        console.print(f"{file.name}  {file.content}", markup=False, soft_wrap=True, style="bold")
        console.print(f"    {file.size} bytes, sha256 {file.sha256[:DIGITS]}…", markup=False, soft_wrap=True)
        for command in file.use:
            console.print(f"    {command}", markup=False, soft_wrap=True)
    console.print(f"Saved in {backup.folder}; {MANIFEST} there has digests and commands.", markup=False, soft_wrap=True)
