"""The tables in docs/doctor.md are made from the rules, their cases, and the tests that type their commands."""

import ast
import shlex
from pathlib import Path

import pytest

from bench.doctor_page import (
    NOT_RUN,
    NOTHING_TO_DO,
    PAGE,
    PLANTED,
    REHEARSED,
    BrokenState,
    broken_states,
    draw_findings,
    typed_results,
    with_table,
    with_tables,
)
from ks_reset import findings
from tests.cases import module_name
from tests.commands import takes_all_flags

REHEARSALS = Path(__file__).parents[1] / "rehearsal"


def test_the_tables_on_the_page_are_those_of_the_code() -> None:
    page = PAGE.read_text()
    assert page == with_tables(page), "run: make pages"


@pytest.mark.parametrize("state", broken_states(), ids=lambda state: state.state)
def test_a_broken_cluster_is_put_on_real_planes_by_its_test_and_its_command_can_be_typed(state: BrokenState) -> None:
    file, _, name = state.test.partition("::")
    text = (REHEARSALS / file).read_text()
    assert f"def {name}(" in text
    assert takes_all_flags(shlex.split(state.command)) if state.command.startswith("ks-reset") else "kubectl" in text
    node = next(n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef) and n.name == name)
    body = ast.unparse(node)
    assert not state.names or "doctor" in body or "findings(" in body
    assert all(each in body or each == "unreadable" for each in state.names)


def test_each_check_of_doctor_has_a_row() -> None:
    table = draw_findings()
    rows = [line for line in table.splitlines() if line.startswith("| ") and "`" in line]
    assert len(rows) >= len([rule for rule in findings.RULES if findings.about_rule(rule)])


def test_a_result_is_told_only_where_a_test_types_the_command() -> None:
    typed = typed_results()
    for line in (line for line in draw_findings().splitlines() if line.startswith("| ") and "`" in line):
        name, result = line.split("`")[1], line.rsplit("| ", 1)[1].rstrip(" |")
        shown = {*typed, *REHEARSED, *PLANTED, *NOTHING_TO_DO}
        assert (result == NOT_RUN) is (name not in shown), line


@pytest.mark.parametrize("name", REHEARSED)
def test_a_rehearsed_finding_is_named_by_its_test(name: str) -> None:
    file, test = REHEARSED[name]
    text = (REHEARSALS / f"{file}.py").read_text()
    assert f"def {test}(" in text
    assert name in text or name == "unreadable"


@pytest.mark.parametrize("name", sorted(PLANTED))
def test_a_finding_that_goes_with_its_cause_is_planted_on_real_control_planes(name: str) -> None:
    assert f'"{name}",' in (REHEARSALS / "test_findings.py").read_text()


def test_each_rule_about_a_fleet_is_a_check_of_doctor() -> None:
    about_fleet = [rule for rule in findings.RULES if ".fleet." in rule.__module__]
    assert [module_name(rule) for rule in about_fleet if findings.about_rule(rule) is None] == []


def test_a_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="no lines"):
        with_table("# Doctor\n", "")
