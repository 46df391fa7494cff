"""A name or a message of a cluster runs no command, moves no cursor and turns no text, wherever it is shown."""

import io
import json
import subprocess
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from ks_reset import escape
from ks_reset.model import AddMarks, Create, Delete, InstallChart, Kind, Marks, Options, RemoveMarks, Scale, WaitQuiet
from ks_reset.plan.make import make_plan
from ks_reset.plan.playbook import load_playbook
from ks_reset.report.console import SafeConsole
from ks_reset.report.runbook import make_book, render_markdown
from ks_reset.report.runbook.commands import command_of
from ks_reset.report.runbook.shell import Site, as_comment, quote_word
from ks_reset.report.runbook.texts import as_cell
from tests.build import action, facts

EVIL = "a$(touch /tmp/x)`id`;b 'c' \"d\"\x1b[2J\u202e\u200b\n# rm"
ROLE = Kind("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", False)
MARKS = Marks(labels={EVIL: EVIL}, annotations={EVIL: EVIL}, finalizers=(EVIL,))
VERBS: list[tuple[type[Any], dict[str, Any]]] = [
    (Delete, {"uid": EVIL}),
    (Scale, {}),
    (AddMarks, {"marks": MARKS}),
    (RemoveMarks, {"marks": MARKS, "possible": MARKS}),
    (Create, {"body": {"metadata": {"name": EVIL}}}),
    (InstallChart, {"chart": EVIL}),
    (WaitQuiet, {}),
]


@pytest.mark.parametrize(("verb", "more"), VERBS, ids=lambda each: getattr(each, "__name__", ""))
def test_a_command_of_the_runbook_names_evil_objects_as_words(verb: type[Any], more: dict[str, Any]) -> None:
    made = command_of(action(verb, "c", ROLE, EVIL, namespace=EVIL, **more), Site(EVIL))
    shown = "kubectl() { :; }; helm() { :; }; touch() { echo RAN; }; id() { echo RAN; }; rm() { echo RAN; }\n" + made
    done = subprocess.run(["bash", "-c", shown], capture_output=True, text=True, check=False, timeout=20)
    assert "RAN" not in done.stdout + done.stderr
    assert "command not found" not in done.stderr
    assert "syntax error" not in done.stderr
    assert escape.INVISIBLE.search(made) is None


def test_a_name_breaks_out_of_no_block_of_the_runbook() -> None:
    plan = make_plan(load_playbook("uninstall"), facts([]), Options())
    ticks = action(Delete, "uid-of-host", ROLE, "```\n<script>", namespace="n")
    evil = structs.replace(plan, actions=(structs.replace(ticks, step="loosen-seatbelt"),))
    text = render_markdown(make_book(evil, load_playbook("uninstall")), folder=False)
    assert "\n````sh\n" in text or "\n```\n<script>" not in text


def test_the_console_shows_what_is_invisible() -> None:
    out = io.StringIO()
    SafeConsole(file=out, width=200).print(EVIL, markup=False)
    assert "\x1b" not in out.getvalue()
    assert "\\x1b[2J\\u202e\\u200b" in out.getvalue()


def test_a_text_of_two_megabytes_is_cut_and_says_so() -> None:
    assert len(escape.for_message("x" * 2_000_000)) < escape.LONGEST + 60
    assert escape.for_message("x" * 2_000_000).endswith(f"(cut after {escape.LONGEST} characters)")
    assert len(escape.one_line("x\n" * 1_000_000)) < 2100


@given(st.text())
def test_every_exit_keeps_its_promise(text: str) -> None:
    assert escape.INVISIBLE.search(escape.for_terminal(text)) is None
    assert escape.INVISIBLE.search(quote_word(text)) is None
    assert "\n" not in quote_word(text) + as_comment(text)
    assert not {"\n", "<", "|"} & set(as_cell(text).replace("\\<", "").replace("\\|", ""))
    assert json.loads(escape.for_json(json.dumps({"a": text}, ensure_ascii=False)))["a"] == text
