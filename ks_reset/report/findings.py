"""Findings as text: a title, then what was seen, what follows and the way on; and the checks of a check-up by group."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import assert_never

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape

from ks_reset.language import join_words, translate, translate_phrase, translate_word
from ks_reset.model import Check, CheckUp, Finding, FleetFacts, Result, Severity, Urgency
from ks_reset.report.commands import INDENT, message_lines, wrap_prose
from ks_reset.report.layout import COLUMN, FOLLOWS, SEEN, WAY_ON, print_part, print_title
from ks_reset.report.titles import without_api_groups

STYLE = {
    Severity.UNKNOWN: "bold magenta",
    Severity.CRITICAL: "bold red",
    Severity.WARNING: "yellow",
    Severity.INFO: "cyan",
}
SHOWN = 6
RESULTS = {Result.PASSED: "green", Result.FOUND: "yellow", Result.UNTOLD: "magenta"}


def print_clusters(facts: FleetFacts, console: Console) -> None:
    """Print a line for each cluster: role, name, version, identity, number of objects; and for each missing member."""
    for cluster in facts.clusters:
        count = translate_phrase("{0} objects", sum(len(objs) for objs in cluster.objects.values()))
        console.print(
            f"{_role_text('host' if cluster is facts.host else 'member')} [bold]{escape(cluster.name)}[/bold]  "
            f"{cluster.version}  {cluster.identity}  {count}"
        )
    for member in facts.missing:
        silent = translate_phrase("does not answer")
        console.print(
            f"{_role_text('member')} [bold]{escape(member.name)}[/bold]  [magenta]{silent}[/]: "
            f"{escape(translate(member.why))}"
        )


def _role_text(role: str) -> str:
    """`host` or `member` in the chosen language, as wide as the wider of the two."""
    widest = max(cell_len(translate_word(each)) for each in ("host", "member"))
    word = translate_word(role)
    return f"{word}{' ' * (widest - cell_len(word))}"


def print_check_up(up: CheckUp, console: Console, verbose: bool, every: bool, first_aid: str = "") -> None:
    """Print the findings by urgency, the checks by group, each of them if `every`, and how many findings there are.

    `first_aid` is printed before the findings about data at risk.
    """
    for urgency, group in groupby(up.findings, key=lambda finding: finding.urgency):
        heading = translate(urgency)
        heading = heading[0].upper() + heading[1:]
        console.print(f"\n[bold underline]{escape(heading)}[/]")
        for line in message_lines(first_aid, console.width, INDENT) if urgency is Urgency.DATA else ():
            console.print(line, style="bold", markup=False, soft_wrap=True)
        for finding in group:
            _print_finding(finding, console, verbose)
    console.print(f"\n[bold]{translate_word('Checks')}[/bold]" + ("" if every else "  (--checks lists each of them)"))
    for name, checks in groupby(up.checks, key=lambda check: check.group):
        _print_group(name, list(checks), console, every)
    console.print(f"\n{_counts_text(up.findings)}")


def print_findings(findings: list[Finding], console: Console, verbose: bool) -> None:
    """Print each finding, with its first evidence, or all of it if `verbose`; then how many there are."""
    for finding in findings:
        _print_finding(finding, console, verbose)
    console.print(f"\n{_counts_text(findings)}")


def _print_finding(finding: Finding, console: Console, verbose: bool) -> None:
    console.print()
    lead, title = translate_word(finding.severity).upper(), f" {translate(finding.title)}  ({finding.id})"
    print_title(console, lead, title, STYLE[finding.severity], console.width)
    print_part(console, SEEN, _seen_lines(console, finding, verbose))
    print_part(console, FOLLOWS, wrap_prose(finding.next, console.width, COLUMN))
    print_part(console, WAY_ON, message_lines(finding.cure, console.width, COLUMN))


def _seen_lines(console: Console, finding: Finding, verbose: bool) -> Iterator[str]:
    shown = finding.evidence if verbose else finding.evidence[:SHOWN]
    for e in shown:
        line = f"{e.cluster}: {without_api_groups(e.object)}  {translate(e.field)} = {translate(e.value)}"
        yield from wrap_prose(line, console.width, COLUMN, COLUMN + INDENT)
    if len(finding.evidence) > len(shown):
        yield f"{' ' * COLUMN}… and {len(finding.evidence) - len(shown)} more (-v shows all)"
    if finding.certainty != "observed":
        yield from wrap_prose(f"known by: {finding.certainty}", console.width, COLUMN)


def _print_group(name: str, checks: list[Check], console: Console, every: bool) -> None:
    counts = {result: [check for check in checks if check.result is result] for result in Result}
    parts = []
    for result, of_result in counts.items():
        if of_result:
            named = f" ({', '.join(check.name for check in of_result)})" if result is not Result.PASSED else ""
            count = "" if len(of_result) == len(checks) else f"{len(of_result)} "
            parts.append(f"{count}{translate_word(result)}{named}")
    text = translate_phrase("{0}: {1} checks, {2}", translate_word(name), len(checks), join_words(parts))
    for line in wrap_prose(text, console.width, INDENT, 2 * INDENT):
        console.print(line, markup=False, soft_wrap=True)
    for check in checks if every else ():
        word = translate_word(check.result)
        space = " " * (max(cell_len(translate_word(each)) for each in Result) - cell_len(word))
        text = f"[{RESULTS[check.result]}]{word}[/]{space}  {escape(translate(check.title))}"
        console.print(f"{' ' * 2 * INDENT}{text}", soft_wrap=True)


def _counts_text(findings: Iterable[Finding]) -> str:
    found = list(findings)
    if not found:
        return "Nothing found: no stale record, nothing about to be deleted, no leftover of an earlier installation."
    counts = Counter(finding.severity for finding in found)
    return translate_phrase(
        "{0}.", join_words(_count_text(severity, counts[severity]) for severity in Severity if counts[severity])
    )


def _count_text(severity: Severity, count: int) -> str:
    match severity:
        case Severity.CRITICAL:
            return translate_phrase("{0} critical", count)
        case Severity.WARNING:
            return translate_phrase("{0} warning", count) if count == 1 else translate_phrase("{0} warnings", count)
        case Severity.INFO:
            return translate_phrase("{0} info", count)
        case Severity.UNKNOWN:
            return translate_phrase("{0} unknown", count)
        case other:
            assert_never(other)
