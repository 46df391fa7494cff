"""A backup as text: each file with its digest, then the commands for it, each on a line of its own."""

from rich.console import Console

from ks_reset.report.commands import wrap_prose
from ks_reset.report.layout import COLUMN, print_part, print_title
from ks_reset.workflows.backup import MANIFEST, Backup

DIGEST, USED_BY = "SHA-256", "Used by"


def print_backup(backup: Backup, console: Console) -> None:
    """Print the files of a backup, and where its manifest is."""
    for file in backup.files:
        print_title(console, file.name, f" {file.content}", "bold", console.width)
        print_part(console, DIGEST, [f"{' ' * COLUMN}{file.sha256}"])
        print_part(console, USED_BY, (f"{' ' * COLUMN}{command}" for command in file.use))
    console.print()
    for line in wrap_prose(f"Saved in {backup.folder}; {MANIFEST} there has digests and commands.", console.width, 0):
        console.print(line, markup=False, soft_wrap=True)
