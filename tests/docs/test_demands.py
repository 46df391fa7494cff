"""docs/demands.md: each named test, finding and command exists, and each row names a test or says what is missing."""

import re

import pytest

from ks_reset.findings.blocking import BLOCKING
from tests.docs.pages import ROOT, Command, commands_of, inline_code
from tests.docs.test_pages import unknown_words
from tests.docs.test_threats import names_in

PATH = ROOT / "docs" / "demands.md"
PAGE = PATH.read_text()
HEADS = ("| people ask |", "| --- |")
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith(HEADS)]
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)
FINDING = re.compile(r"[a-z]+(?:-[a-z]+)+")
MISSING = ("`not done`", "`no test`")


def finding_ids() -> set[str]:
    """The ids in the table of blockers, the names of the rules, and the ids written in them."""
    rules = [*(ROOT / "ks_reset" / "findings").rglob("*.py")]
    lines = [line for path in rules for line in path.read_text().splitlines() if "id=" in line]
    written = {name for line in lines for name in re.findall(r'"([a-z-]+)"', line)}
    return {name for blockers in BLOCKING.values() for name in blockers} | {
        *(path.stem.replace("_", "-") for path in rules),
        *written,
    }


def test_the_tables_have_their_three_columns() -> None:
    assert len(ROWS) > 40
    assert [row for row in ROWS if len(re.split(r"(?<!\\)\|", row.strip("|"))) != 3] == []


def test_every_named_test_exists() -> None:
    known = {path: names_in(path) if (ROOT / path).is_file() else set[str]() for path, _ in NAMED}
    assert [f"{path}::{name}" for path, name in NAMED if name not in known[path]] == []


def test_every_row_names_a_test_or_says_that_there_is_none() -> None:
    shown = [row.strip("| ").rpartition(" | ")[2] for row in ROWS]
    assert [cell for cell in shown if "::test_" not in cell and not any(word in cell for word in MISSING)] == []


def test_every_named_finding_exists() -> None:
    named = {code for code in inline_code(PATH) if FINDING.fullmatch(code)}
    assert len(named) > 20
    assert named - finding_ids() == set()


@pytest.mark.parametrize("command", sorted(set(commands_of(PATH)), key=str), ids=lambda each: " ".join(each.words))
def test_every_command_can_be_typed(command: Command) -> None:
    assert unknown_words(command.words) == []
