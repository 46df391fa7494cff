"""Runbooks, reports and pictures in Chinese: nothing that a person reads stays English."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ks_reset.language import use_language
from ks_reset.plan.playbook import load_playbook, playbook_names
from ks_reset.report import handover
from ks_reset.report.picture import render_dot, render_svg
from ks_reset.report.runbook import (
    Book,
    render_job,
    render_markdown,
    render_page,
    render_playbook,
    render_script,
    render_workflow,
)
from ks_reset.simulation.explain import explain_object
from ks_reset.workflows.run_report import run_report
from tests import golden_files
from tests.incident import incident_facts
from tests.language.chinese import english_in, prose_of
from tests.report.books import incident_book, write_book
from tests.report.runs import finished_run
from tests.report.test_handover import data_in, with_namespace_lost

HAN = re.compile("[\u4e00-\u9fff]")


@pytest.fixture
def book(chinese: None) -> Book:
    return incident_book()


def test_the_chinese_runbook_of_the_incident_is_the_one_in_the_golden_file(book: Book) -> None:
    golden_files.same("runbook_incident.zh.md", render_markdown(book, folder=True))


@pytest.mark.parametrize("folder", [True, False])
def test_no_sentence_of_a_runbook_stays_english(book: Book, folder: bool) -> None:
    page = render_page(book, folder=folder)
    assert '<html lang="zh-CN">' in page
    assert english_in(page) == english_in(render_markdown(book, folder=folder)) == []


def test_no_sentence_of_a_playbook_stays_english(chinese: None) -> None:
    texts = {name: render_playbook(load_playbook(name)) for name in playbook_names()}
    assert len(texts) > 10
    assert {name: found for name, text in texts.items() if (found := english_in(text))} == {}


def test_no_comment_and_no_message_of_a_script_stays_english(book: Book) -> None:
    scripts = {name: text for name, text in book.files.items() if name.endswith(".sh")}
    scripts["runbook.sh"] = render_script(book)
    scripts["job.yaml"], scripts["argo.yaml"] = render_job(book, "i"), render_workflow([book], "i")
    told = {name: prose_of(text) for name, text in scripts.items()}
    assert [name for name, text in told.items() if not HAN.search(text)] == []
    assert {name: found for name, text in told.items() if (found := english_in(text))} == {}


def test_a_chinese_script_is_clean_for_shellcheck_and_sends_what_the_english_one_sends(
    book: Book, tmp_path: Path
) -> None:
    use_language("en")
    english = incident_book()
    use_language("zh")
    sent = {name: commands_of(text) for name, text in book.files.items() if name.startswith("kubectl/")}
    assert sent == {name: commands_of(english.files[name]) for name in sent}
    folder = write_book(book, tmp_path / "book")
    (folder / "runbook.sh").write_text(render_script(book))
    scripts = ["lib.sh", "runbook.sh", "kubectl/08-sever.host.sh", "checks/08-sever.sh"]
    shellcheck = [Path(sys.executable).parent / "shellcheck", "-x", "-P", str(folder), *scripts]
    done = subprocess.run(shellcheck, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def commands_of(script: str) -> list[str]:
    return [line for line in script.splitlines() if "kubectl" in line and not line.startswith("#")]


def test_no_text_of_a_report_stays_english(chinese: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path / "state"))
    folder, _, after = finished_run()
    report = run_report(folder, with_namespace_lost(after, "intranet"))
    page = handover.render_report_page(report)
    assert '<html lang="zh-CN">' in page
    assert english_in(page) == english_in(handover.render_report_text(report)) == []
    cells = [str(cell) for rows in data_in(page).values() for row in rows for cell in row]
    assert english_in("\n".join(cells)) == []


def test_the_report_for_programs_is_english_after_the_command_line_has_chosen_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path / "state"))
    folder, _, after = finished_run()
    report = run_report(folder, after)
    assert json.loads(handover.render_report_json(report))["summary"]["word"] == "Clean"
    assert not HAN.search(handover.render_junit(report))


@pytest.mark.parametrize("name", ["catalog", "shop-orders"])
def test_no_text_of_a_picture_stays_english_and_each_line_fits_its_box(chinese: None, name: str) -> None:
    facts = incident_facts("produce-trt")
    namespace = facts.host.get("Namespace", name)
    assert namespace
    explanation = explain_object(facts, facts.host.identity, namespace)
    svg = render_svg(explanation)
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    assert 'lang="zh-CN"' in svg
    assert any(map(HAN.search, texts))
    assert [text for text in texts if english_in(text) or len(text.encode("gbk")) > 54] == []
    assert english_in(render_dot(explanation).replace("\\n", "\n")) == []
