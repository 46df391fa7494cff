"""Findings as text: title, evidence, consequence and cure."""

from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape

from ks_reset.model import Finding, FleetFacts, Severity

STYLE = {
    Severity.UNKNOWN: "bold magenta",
    Severity.CRITICAL: "bold red",
    Severity.WARNING: "yellow",
    Severity.INFO: "cyan",
}
SHOWN = 6


def print_clusters(facts: FleetFacts, console: Console) -> None:
    """Print a line for each cluster: role, name, version, identity, number of objects; and for each missing member."""
    for cluster in facts.clusters:
        role = "host  " if cluster is facts.host else "member"
        count = sum(len(objs) for objs in cluster.objects.values())
        console.print(
            f"{role} [bold]{escape(cluster.name)}[/bold]  {cluster.version}  {cluster.identity}  {count} objects"
        )
    for member in facts.missing:
        console.print(f"member [bold]{escape(member.name)}[/bold]  [magenta]does not answer[/]: {escape(member.why)}")


def print_findings(findings: list[Finding], console: Console, verbose: bool) -> None:
    """Print each finding as a block, with its first evidence, or all of it if `verbose`; then how many there are."""
    for finding in findings:
        style = STYLE[finding.severity]
        console.print(f"\n[{style}]{finding.severity.upper()}[/] [bold]{escape(finding.title)}[/bold]  ({finding.id})")
        for line in _evidence_lines(finding, verbose):
            console.print(f"  {line}", markup=False)
        console.print(f"  known by: {finding.certainty}", markup=False)
        console.print(f"  [bold]next:[/bold] {escape(finding.next)}")
        console.print(f"  [bold]cure:[/bold] {escape(finding.cure)}", soft_wrap=True)
    console.print(f"\n{_counts_text(findings)}")


def _evidence_lines(finding: Finding, verbose: bool) -> Iterable[str]:
    shown = finding.evidence if verbose else finding.evidence[:SHOWN]
    for e in shown:
        yield f"{e.cluster}: {e.object}  {e.field} = {e.value}"
    if len(finding.evidence) > len(shown):
        yield f"… and {len(finding.evidence) - len(shown)} more (-v shows all)"


def _counts_text(findings: list[Finding]) -> str:
    if not findings:
        return "Nothing found: no stale record, nothing about to be deleted, no leftover of an earlier installation."
    counts = {s: sum(f.severity is s for f in findings) for s in Severity}
    return ", ".join(f"{n} {s}" for s, n in counts.items() if n) + "."
