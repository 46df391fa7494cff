"""A refusal in parts: title, what was seen, what follows, the way on; nothing of its message is lost."""

import ast
import re
from collections.abc import Iterator
from io import StringIO

import pytest
from rich.console import Console

from ks_reset import errors
from ks_reset.errors import Reason, Refused, ResetError, Stale, Told, Unknown
from ks_reset.report.refusals import STYLES, print_error, reason_of
from tests.docs.pages import ROOT

FAMILIES = {name for name, each in vars(errors).items() if isinstance(each, type) and issubclass(each, tuple(STYLES))}
LONGEST = 170
"""Characters of the longest title, with one for each value in it."""


def raised() -> Iterator[tuple[str, str]]:
    """Place and text of each error that the package raises with a text of its own; `…` stands for a value."""
    for path in sorted((ROOT / "ks_reset").rglob("*.py")):
        calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
        for node in calls:
            if getattr(node.func, "id", "") in FAMILIES and node.args and (text := _text_of(node.args[0])):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", text


def _text_of(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else ""


MESSAGES = dict(raised())


def screen(error: ResetError, width: int, **more: str) -> list[str]:
    file = StringIO()
    print_error(error, Console(file=file, width=width or 80, force_terminal=bool(width), color_system=None), **more)
    return file.getvalue().splitlines()


def test_no_word_of_a_message_is_lost_and_its_title_is_short() -> None:
    assert len(MESSAGES) > 90
    for place, text in MESSAGES.items():
        reason = reason_of(text)
        told = " ".join((reason.title, *reason.seen, reason.follows, reason.way_on))
        assert sorted(re.findall(r"[\w/…-]+", told)) == sorted(re.findall(r"[\w/…-]+", text)), place
        assert 0 < len(reason.title) <= LONGEST, place


PARTS = {
    "Refused to delete Namespace shop: it is a user's. Nothing was sent. Make a new plan.": Reason(
        "Refused to delete Namespace shop", ("it is a user's.",), "Nothing was sent.", "Make a new plan."
    ),
    "GET https://a:6443/api was answered with 403 (user: x). Ask for this permission.": Reason(
        "GET https://a:6443/api was answered with 403 (user: x)", (), "", "Ask for this permission."
    ),
    "A lock is held. Nothing was sent. If no run goes on: kubectl -n a delete lease b. Then go on.": Reason(
        "A lock is held",
        (),
        "Nothing was sent.",
        "If no run goes on: kubectl -n a delete lease b. Then go on.",
    ),
    "x is not planned: a loss. Nothing was sent. Do: ks-reset plan defuse. The chain:\n  1. a. B\n  2. c": Reason(
        "x is not planned",
        ("a loss. The chain:", "1. a. B", "2. c"),
        "Nothing was sent.",
        "Do: ks-reset plan defuse.",
    ),
}


@pytest.mark.parametrize("text", PARTS)
def test_a_message_is_told_in_parts(text: str) -> None:
    assert reason_of(text) == PARTS[text]


def test_prose_is_wrapped_and_each_command_is_one_line() -> None:
    command = "ks-reset plan uninstall --kubeconfig /a/rather/long/path/to/a/kubeconfig --context prod --out plan.json"
    error = Refused(f"uninstall cannot be planned: {'some words ' * 12}. Nothing was sent. Do this: {command}.")
    for width in (80, 120):
        lines = screen(error, width)
        assert f"             {command}" in lines
        assert [line.strip() for line in lines if len(line) > width] == [command] * (len(command) + 13 > width)
        assert lines[0] == "ks-reset: uninstall cannot be planned"
    assert [line.split()[0] for line in screen(error, 0)] == ["ks-reset:", "Seen", "Follows", "Way", "ks-reset"]


def test_several_reasons_are_told_one_by_one_and_the_last_word_once() -> None:
    error = Unknown("x cannot be planned. 2 findings stop it. …")
    each = Reason("A title  (an-id)", ("host: Namespace a b = c",), "It goes.", "Look: kubectl get x")
    error.told = Told("x cannot be planned: 2 findings stop it", (each, each), "Give both flags at once.")
    lines = screen(error, 80)
    assert lines[0] == "ks-reset: x cannot be planned: 2 findings stop it"
    assert [line for line in lines if line.startswith(("1.", "2."))] == ["1. A title  (an-id)", "2. A title  (an-id)"]
    assert lines.count("             kubectl get x") == 2
    assert lines[-1] == "  Way on   Give both flags at once."


def test_a_refusal_without_a_way_on_shows_the_call_and_a_new_plan_its_command() -> None:
    call, new = "ks-reset apply my.json --context prod", "ks-reset plan uninstall --context prod --out my.json"
    assert f"             {call}" in screen(Unknown("The record x is gone."), 80, call=call, new_plan=new)
    lines = screen(
        Stale("It was recreated: another UID. Nothing was sent. Make a new plan."), 80, call=call, new_plan=new
    )
    assert f"             {new}" in lines
    assert f"             {call}" not in lines
    told = Stale(f"Changed: x. Make a new plan ({new}), read it.")
    assert screen(told, 80, new_plan=new).count(f"             {new}") == 1


def test_a_mistake_in_the_call_stays_sentences() -> None:
    text = "--yes needs a saved plan. Make one: ks-reset plan --out plan.json."
    assert screen(errors.Usage(text), 0, call="ks-reset apply") == [f"ks-reset: {text}"]
    assert screen(errors.Usage(text), 80, call="ks-reset apply") == [
        "ks-reset: --yes needs a saved plan. Make one:",
        "  ks-reset plan --out plan.json",
    ]
