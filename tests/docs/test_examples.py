"""The examples in CONTRIBUTING.md are the present text of the project's files."""

from pathlib import Path

import pytest

from bench.examples import EXAMPLE, PAGE, with_examples

CODE = "import re\n\n@cache\ndef read(path):\n    return path\n\nLIMIT: int = 3\n"
BOOK = "steps:\n- step: sever\n  why: First.\n- step: unmark\n  why: Then.\n"


def example(marker: str, text: str = "") -> str:
    return f"Before\n\n<!-- added: {marker} -->\n```diff\n{text}\n```\n\nAfter\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "code.py").write_text(CODE)
    (tmp_path / "book.yaml").write_text(BOOK)
    return tmp_path


def test_the_page_shows_the_files_as_they_are() -> None:
    page = PAGE.read_text()
    assert EXAMPLE.search(page)
    assert page == with_examples(page), "run: make pages"


@pytest.mark.parametrize(
    ("marker", "text"),
    [
        ("c*.py", "--- /dev/null\n+++ b/code.py\n" + "\n".join(f"+{line}" for line in CODE.splitlines())),
        ("code.py#read", "--- a/code.py\n+++ b/code.py\n@@\n+@cache\n+def read(path):\n+    return path"),
        ("code.py#LIMIT", "--- a/code.py\n+++ b/code.py\n@@\n+LIMIT: int = 3"),
        ("book.yaml~step: sever", "--- a/book.yaml\n+++ b/book.yaml\n@@\n+- step: sever\n+  why: First."),
    ],
)
def test_a_file_a_definition_or_lines_are_shown_as_added(root: Path, marker: str, text: str) -> None:
    assert with_examples(example(marker, "old"), root) == example(marker, text)


@pytest.mark.parametrize("marker", ["gone.py", "code.py#write", "book.yaml~step: unbind"])
def test_an_example_without_a_source_is_refused(root: Path, marker: str) -> None:
    with pytest.raises(LookupError):
        with_examples(example(marker), root)
