"""The findings against an installation, as text."""

from rich.console import Console

from ks_reset.model import Finding
from ks_reset.report import findings as report


def print_feasibility(findings: list[Finding], asked: int, console: Console) -> None:
    """Print each finding with all its evidence; without one, how many images were `asked` for in registries."""
    if findings:
        report.print_findings(findings, console, verbose=True)
    else:
        console.print(f"Nothing stands against it: the source is what it should be, and {asked} image(s) can be had.")
