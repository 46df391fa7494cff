"""Screens, progress and usage errors in Chinese: no sentence stays English."""

import re
from io import StringIO
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ks_reset import facts as reading
from ks_reset.apply import StepBegun
from ks_reset.cli import app
from ks_reset.language import translate
from ks_reset.plan.playbook import load_playbook
from ks_reset.report import progress as screen
from ks_reset.report.console import SafeConsole
from ks_reset.report.layout import print_title
from ks_reset.report.plan import show_plan
from ks_reset.report.plan_step import print_step
from ks_reset.report.progress import ProgressDisplay
from ks_reset.report.refusals import _observation_text
from tests.incident import incident_facts
from tests.language.chinese import english_in
from tests.report.books import incident_book

PLAYBOOKS = ("uninstall", "unbind", "defuse", "repair")
WRONG = (
    ["doctr"],
    ["show"],
    ["show", "a", "b"],
    ["runs"],
    ["runs", "lst"],
    ["explain", "--bad"],
    ["doctor", "--context"],
    ["doctor", "--timeout"],
    ["plan", "--request-timeout", "xx"],
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("screens")
    reading.save_snapshot(incident_facts(), place / "prod.json.gz")
    reading.save_snapshot(incident_facts("produce-trt"), place / "stale.json.gz")
    return place


def said(words: list[str], monkeypatch: pytest.MonkeyPatch, folder: Path) -> str:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("KS_RESET_STATE", str(folder / "state"))
    return CliRunner().invoke(app, words, env={"COLUMNS": "400"}).output


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_no_sentence_of_a_plan_stays_english(
    playbook: str, chinese: None, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = said(["plan", playbook, "--snapshot", "prod.json.gz", "-v"], monkeypatch, folder)
    assert "步骤：" in text or "无需" in text
    assert english_in(text) == []


@pytest.mark.parametrize("name", ["catalog", "shop-orders"])
def test_no_sentence_of_an_explanation_stays_english(
    name: str, chinese: None, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = said(["explain", f"namespace/{name}", "--snapshot", "stale.json.gz"], monkeypatch, folder)
    assert "如果什么都不做" in text
    assert english_in(text) == []


def test_no_sentence_of_a_step_stays_english_and_its_name_is_beside_it(chinese: None) -> None:
    file, plan = StringIO(), incident_book().plan
    console = SafeConsole(file=file, width=400, highlight=False)
    show_plan(plan, console, verbose=False)
    for step in plan.steps:
        print_step(plan, step, console)
    assert "切断与 Workspace 的联系（sever）" in file.getvalue()
    assert english_in(file.getvalue()) == []


def test_no_line_of_the_progress_stays_english(
    chinese: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(screen, "HEARTBEAT", 0.0)
    plan, playbook = incident_book().plan, load_playbook("uninstall")
    with ProgressDisplay() as display:
        for number, step in enumerate(plan.steps, 1):
            mine = [action for action in plan.actions if action.step == step]
            display.begin_step(StepBegun(step, playbook.why(step), len(mine), number, len(plan.steps), 7))
            for action in mine:
                display.show_activity(f"{action.verb} {action.target}, and 3 more", "prod-a")
            display.finish_step(step, {"prod-a": len(mine)} if mine else {})
    text = capsys.readouterr().err
    assert "✓ 删除类型（remove-types）：写入 42 次：prod-a 42" in text
    assert "prod-a：移除标记 Namespace shop-orders，以及另外 3 个" in text
    assert english_in(text) == []


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_no_usage_error_stays_english(
    words: list[str], chinese: None, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(app, words, env={"COLUMNS": "160"})
    assert done.exit_code == 2
    assert "用法：" in done.output or "错误" in done.output
    assert english_in(done.output) == []


def test_no_help_stays_english(chinese: None) -> None:
    for words in ([], ["plan"], ["runs"], ["explain"]):
        assert english_in(CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "160"}).output) == []


OURS = re.compile(
    r"\b(?:\d+ objects|KubeSphere installed|components:|this rests on|Records|record|leads to|answer|account|"
    r"good until|checks?|passed|found|warnings?|critical|info\.|Federation|Deletions|API server|does not answer)\b"
)


def test_no_heading_table_or_count_of_a_check_up_stays_english(
    chinese: None, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = said(["doctor", "--snapshot", "stale.json.gz", "--checks"], monkeypatch, folder)
    prose = re.sub(r"ks-reset \S+.*|\(--checks.*?\)|（--checks.*?）", "", text)
    assert sorted({found[0] for found in OURS.finditer(prose)}) == []
    for words in ("主集群", "个对象", "KubeSphere 已安装；3.3.1，角色 host", "指向", "联邦：14 项检查", "个严重"):
        assert words in text


def test_the_state_of_a_seatbelt_is_a_sentence_in_chinese(chinese: None) -> None:
    assert translate("The seatbelt of test is on") == "test 的安全带已打开"


def test_the_field_of_an_observation_is_translated_and_its_object_is_not(chinese: None) -> None:
    line = "prod: Prometheus.monitoring.coreos.com plain/team acted on by = Deployment.apps monitoring/operator"
    told = _observation_text(line)
    assert told.startswith("prod: Prometheus.monitoring.coreos.com plain/team ")
    assert told.endswith(" = Deployment.apps monitoring/operator")
    assert "acted on by" not in told
    assert _observation_text("prod: Namespace shop spec.finalizers = []") == "prod: Namespace shop spec.finalizers = []"


def test_the_id_of_a_finding_stays_behind_the_title_of_a_refusal(chinese: None) -> None:
    title = "2 object(s) of unknown origin in KubeSphere's namespaces on prod  (unknown-contents)"
    console = SafeConsole(file=StringIO(), width=100, highlight=False)
    print_title(console, "2.", title, "bold", 100)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert shown == "2. prod 上 KubeSphere 的命名空间中有 2 个来源未知的对象 (unknown-contents)\n"
