"""Commands in messages, templates and playbooks: each can be typed as it is written."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from typer.main import get_command

from ks_reset.cli import app
from ks_reset.plan.playbook import playbook_names

ROOT = Path(__file__).parents[2]
COMMANDS = getattr(get_command(app), "commands")  # noqa: B009 - mypy knows no group here
NOT_COMMANDS = set(playbook_names()) - COMMANDS.keys()
"""Playbooks are arguments of `ks-reset plan` and `ks-reset runbook`."""


@cache
def texts() -> tuple[tuple[str, str], ...]:
    """All texts; the files are parsed once."""
    return tuple(_texts())


def _texts() -> Iterator[tuple[str, str]]:
    """Place and text of every string of the package without docstrings; `…` stands for the values of an f-string."""
    for path in sorted((ROOT / "ks_reset").rglob("*.py")):
        tree = ast.parse(path.read_text())
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            place = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.JoinedStr):
                yield place, "".join(str(p.value) if isinstance(p, ast.Constant) else "…" for p in node.values)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings | parts:
                yield place, node.value
    for path in (*(ROOT / "playbooks").glob("*.yaml"), *(ROOT / "ks_reset/report/templates").glob("*.md")):
        yield str(path.relative_to(ROOT)), path.read_text()


def test_a_message_names_playbooks_as_arguments_of_plan() -> None:
    named = {(place, name) for place, text in texts() for name in re.findall(r"ks-reset ([a-z-]+)", text)}
    assert not {(place, name) for place, name in named if name in NOT_COMMANDS}


def test_a_message_names_playbooks_that_exist() -> None:
    named = {name: place for place, text in texts() for name in re.findall(r"ks-reset plan ([a-z][a-z-]+)", text)}
    assert {"uninstall", "stale-record"} <= named.keys()
    assert not {name: place for name, place in named.items() if name not in playbook_names()}


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_a_message_names_flags_that_its_command_has(command: str) -> None:
    group = COMMANDS[command]
    flags = {flag for each in (group, *getattr(group, "commands", {}).values()) for p in each.params for flag in p.opts}
    lines = {(place, line) for place, text in texts() for line in re.findall(rf"ks-reset {command} [^:;,.(`]*", text)}
    named = {(place, flag) for place, line in lines for flag in re.findall(r" (--[a-z-]+)", line)}
    assert not {(place, flag) for place, flag in named if flag not in flags}
