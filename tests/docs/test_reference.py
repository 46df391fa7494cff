"""docs/reference.md lists every command and every playbook, and no other."""

import re
from collections.abc import Iterator

from typer.main import get_command

from ks_reset.cli import app
from ks_reset.plan.playbook import playbook_names
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "reference.md").read_text()


def first_cells(heading: str) -> list[str]:
    """The code in the first cell of each row of the first table below a heading."""
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `([^`]+)` ?[^|]*\|", section.replace(r"\|", "/"), re.M)


def commands() -> Iterator[str]:
    for name, command in getattr(get_command(app), "commands").items():  # noqa: B009 - mypy knows no group here
        inner = getattr(command, "commands", None)
        yield from (f"{name} {each}" for each in inner) if inner else (name,)


def named(cell: str) -> Iterator[str]:
    """`protect on/off/status` names three commands, `plan [PLAYBOOK]` one."""
    words = [word for word in cell.split() if re.fullmatch(r"[a-z/]+", word)]
    yield from (" ".join((words[0], each)) for each in words[1].split("/")) if len(words) > 1 else words


def test_every_command_has_a_row() -> None:
    assert sorted(each for cell in first_cells("Commands") for each in named(cell)) == sorted(commands())


def test_every_playbook_has_a_row_and_every_row_a_playbook() -> None:
    assert sorted(cell.split()[0] for cell in first_cells("Playbooks")) == sorted(playbook_names())
