"""The tables in docs/doctor.md: of findings, from each rule, its first case and its tests; and of broken clusters.

    python -m bench.doctor_page

Writes each table between its two markers; a test compares them with the code.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec import Struct

from ks_reset import findings
from ks_reset.cli.way_on import Call, complete_commands
from ks_reset.findings.about import About
from ks_reset.model import Finding
from ks_reset.report.commands import split_message
from ks_reset.report.titles import without_api_groups
from tests.cases import module_name
from tests.findings.test_rules import CASES, findings_of

ROOT = Path(__file__).parents[1]
PAGE, GOLDEN = ROOT / "docs" / "doctor.md", ROOT / "tests" / "golden"
BEGIN, END = "<!-- findings: written by python -m bench.doctor_page -->", "<!-- end of findings -->"
OF_STATES = ("<!-- states: written by python -m bench.doctor_page -->", "<!-- end of states -->")
STATES = ROOT / "tests" / "rehearsal" / "states.yaml"
REHEARSED = {
    "old-owner": ("test_guns", "test_an_old_uid_kills_when_the_type_comes_back_unless_defused"),
    "terminating-workspace": ("test_guns", "test_a_dying_workspace_takes_its_namespaces_along_unless_defused"),
    "two-records-one-cluster": ("test_stale_record", "test_the_live_incident_is_cured_and_an_added_namespace_lives"),
    "unchecked": ("test_repair", "test_the_rights_that_a_check_lacks_are_given_by_the_named_commands"),
    "unreadable": ("test_dead_backends", "test_brakes_and_seatbelt_work_and_repair_makes_the_lists_readable"),
}
"""The tests that apply the plan on real control planes, and see that the finding is gone."""
PLANTED = {
    *("clock-skew", "expired-certificate", "expiring-certificate", "foreign-kubefed", "missing-member"),
    *("namespaced-kubefed", "other-jwt-secret"),
}
"""Cured by an act outside of ks-reset: tests/rehearsal/test_findings.py plants and removes the cause of each."""
SEEN = "on real control planes the finding goes with its cause (`tests/rehearsal/test_findings.py`)"
NOTHING_TO_DO = {"federated-of-users"}
"""Told, and nothing is to be mended."""
NOT_RUN = "not run"
UNCHECKED = "A list was not read, and checks rest on it: nothing found by them means nothing."


def typed_results() -> dict[str, tuple[str, str]]:
    """By finding: the command as a test types or carries it out, and what comes of it.

    A plan of tests/findings/test_typed.py goes before commands of test_by_hand.py, unless the way on begins with these.
    """
    by_hand = {name: (command, _gone_after(int(count))) for name, command, count in _rows("by_hand.txt")}
    planned = {name: (command, result) for name, command, result in _rows("typed.txt")}
    cures = {name: finding.cure for name, (_, finding) in first_findings().items()}
    hands = {name for name, (command, _) in by_hand.items() if _begins_with(cures[name], command)}
    return {**by_hand, **{name: row for name, row in planned.items() if name not in hands}}


def _begins_with(cure: str, command: str) -> bool:
    """Whether a command is in a way on, before any plan."""
    return command in cure.partition("ks-reset plan ")[0]


def _rows(golden: str) -> Iterable[list[str]]:
    return (line.split(" | ") for line in (GOLDEN / golden).read_text().splitlines())


def _gone_after(count: int) -> str:
    more = f" with the next {count - 1}" if count > 1 else ""
    return f"carried out{more}, the finding is gone"


def first_findings() -> dict[str, tuple[str, Finding]]:
    """By finding about a fleet: the module of its rule, and the finding of its first case."""
    first: dict[str, tuple[str, Finding]] = {}
    for case in CASES:
        for finding in findings_of(case) if case.values is None else ():
            first.setdefault(finding.id, (case.subject, finding))
    return first


def draw_findings() -> str:
    """A table for each urgency, the most urgent first, with a row for each finding of doctor."""
    abouts = {module_name(rule): about for rule in findings.RULES if (about := findings.about_rule(rule))}
    rows: dict[str, list[str]] = {urgency: [] for urgency in findings.URGENCIES}
    typed = typed_results()
    for name, (subject, finding) in sorted(first_findings().items()):
        if subject in abouts:
            rows[finding.urgency].append(_row(name, subject, finding, abouts[subject], typed))
    parts = [_table(urgency, each) for urgency, each in rows.items() if each]
    return "\n\n".join(parts)


class BrokenState(Struct, frozen=True, forbid_unknown_fields=True):
    """A row of tests/rehearsal/states.yaml. `names` are ids of findings; none where the test does not ask doctor."""

    state: str
    names: tuple[str, ...]
    command: str
    result: str
    test: str


def broken_states() -> list[BrokenState]:
    """The broken clusters that tests put on real control planes."""
    return msgspec.yaml.decode(STATES.read_bytes(), type=list[BrokenState])


def draw_states() -> str:
    """A table with a row for each broken cluster from a report."""
    rows = ["| state | doctor says | command | result |", "| --- | --- | --- | --- |"]
    for each in broken_states():
        says = ", ".join(f"`{name}`" for name in each.names) or "—"
        result = f"{each.result} (`tests/rehearsal/{each.test.partition('::')[0]}`)"
        rows.append(f"| {_cell(each.state)} | {says} | `{each.command}` | {_cell(result)} |")
    return "\n".join(rows)


def _table(urgency: str, rows: list[str]) -> str:
    head = "| state | doctor says | command | result |\n| --- | --- | --- | --- |"
    return "\n".join([f"### {urgency[0].upper()}{urgency[1:]}", "", head, *rows])


def _row(name: str, subject: str, finding: Finding, about: About, typed: dict[str, tuple[str, str]]) -> str:
    state = UNCHECKED if name == "unchecked" else without_api_groups(_first_line(subject))
    says = f"`{name}` ({about.group}): {finding.title}"
    command, result = typed.get(name, (_first_command(finding), NOT_RUN))
    if name in REHEARSED:
        file, _ = REHEARSED[name]
        result = f"{result}; carried out on real control planes, the finding is gone (`tests/rehearsal/{file}.py`)"
        result = result.removeprefix(f"{NOT_RUN}; ")
    if result == NOT_RUN and name in PLANTED:
        result = SEEN
    if result == NOT_RUN and name in NOTHING_TO_DO:
        result = "nothing to mend"
    first, pipe, _ = command.partition(" | ")
    shown = f"`{first}{pipe and ' …'}`" if command else "an act outside of the clusters"
    return f"| {_cell(state)} | {_cell(says)} | {_cell(shown)} | {_cell(result)} |"


def _first_line(subject: str) -> str:
    """The first sentence of the docstring of a rule."""
    (module,) = (rule.__module__ for rule in findings.RULES if module_name(rule) == subject)
    return " ".join((sys.modules[module].__doc__ or "").partition("\n\n")[0].split())


def _first_command(finding: Finding) -> str:
    parts = split_message(complete_commands(finding.cure, Call()))
    return next((part.text for part in parts if part.is_command), "")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def with_table(page: str, table: str, begin: str = BEGIN, end: str = END) -> str:
    """The page with the table between its markers. Raises ValueError for a page without both markers."""
    before, found, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"The page has no lines '{begin}' and '{end}'.")
    return f"{before}{begin}\n\n{table}\n\n{end}{after}"


def with_tables(page: str) -> str:
    """The page with both tables, as the code and the tests have them now."""
    return with_table(with_table(page, draw_findings()), draw_states(), *OF_STATES)


def main() -> None:
    PAGE.write_text(with_tables(PAGE.read_text()))


if __name__ == "__main__":
    main()
