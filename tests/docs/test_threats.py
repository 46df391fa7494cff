"""docs/threats.md: each row names a test that exists, and each chapter says what is not stopped."""

import ast
import re

from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "threats.md").read_text()
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)


def names_in(path: str) -> set[str]:
    """The names of the tests in a file."""
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_every_named_test_exists() -> None:
    assert [f"{path}::{name}" for path, name in NAMED if name not in names_in(path)] == []
    assert len(NAMED) > 20


def test_every_row_names_a_test_and_every_chapter_says_what_is_not_stopped() -> None:
    rows = [
        line
        for line in PAGE.splitlines()
        if line.startswith("| ") and not line.startswith(("| actor | could", "| ---"))
    ]
    assert [row for row in rows if "::test_" not in row] == []
    chapters = PAGE.split("\n## ")[1:]
    assert [chapter.partition("\n")[0] for chapter in chapters if "\nNot stopped: " not in chapter] == []
