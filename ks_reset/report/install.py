"""The findings against an installation, as text."""

from rich.console import Console

from ks_reset.model import Finding
from ks_reset.report import findings as report


def print_feasibility(findings: list[Finding], asked: int, missing: list[str], console: Console) -> None:
    """Print each finding with all its evidence; without one, how many images of those `asked` for can be had.

    `missing` are those that cannot; without a finding the values file allows it.
    """
    if findings:
        report.print_findings(findings, console, verbose=True)
    else:
        had = asked - len(missing)
        console.print(f"Nothing stands against it: the source is what it should be, and {had} image(s) can be had.")
        if missing:
            allowed = f"{len(missing)} image(s) cannot be had, which the values file allows (allow: [images])"
            text = f"{allowed}; Pods that need one do not start: {', '.join(missing)}."
            console.print(text, markup=False, soft_wrap=True)
