"""README shows what doctor prints, and the Chinese one has the sections and commands of the English one."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bench.terminal_session import PICTURE, draw_session
from ks_reset import facts as reading
from ks_reset.cli import app
from tests.docs.pages import ROOT, commands_of, links_of
from tests.incident import incident_facts

ENGLISH, CHINESE = ROOT / "README.md", ROOT / "README.zh.md"
HAN = re.compile("[\u4e00-\u9fff]")
BESIDE = re.compile(r"[\u4e00-\u9fff][!-/:-@\[-_{-~]|[!-/:-@\[-_{-~][\u4e00-\u9fff]")
SCREEN = re.compile(r"```text\n(.*?)```", re.S)


def test_the_screen_is_what_doctor_prints_in_the_incident(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "100")
    reading.save_snapshot(incident_facts("old-host"), Path("incident.json.gz"))
    printed = CliRunner().invoke(app, ["doctor", "--snapshot", "incident.json.gz"]).output
    for page in (ENGLISH, CHINESE):
        screen = SCREEN.search(page.read_text())
        assert screen, page
        assert screen[1] in printed


def test_the_chinese_readme_has_the_sections_commands_and_links_of_the_english_one() -> None:
    levels = [
        [line.split(" ")[0] for line in page.read_text().split("\n") if line.startswith("#")]
        for page in (ENGLISH, CHINESE)
    ]
    assert levels[0] == levels[1]
    assert [c.words for c in commands_of(ENGLISH)] == [c.words for c in commands_of(CHINESE)]
    others = {"README.md": "README.zh.md"}
    assert sorted(links_of(ENGLISH)) == sorted(others.get(link, link) for link in links_of(CHINESE))


def test_the_picture_is_what_doctor_prints_and_loads_nothing() -> None:
    drawn = draw_session()
    assert PICTURE.read_text() == drawn, "run: make pages"
    assert "url(http" not in drawn
    assert "old-host" in drawn


def test_the_chinese_readme_has_chinese_marks_beside_chinese_characters() -> None:
    prose = re.sub(r"```.*?```|`[^`]*`|\*\*|!\[.*?\]\(.*?\)|</?\w+>", "", CHINESE.read_text(), flags=re.S)
    assert len(HAN.findall(prose)) > 900
    assert [prose[max(0, m.start() - 10) : m.end() + 10] for m in BESIDE.finditer(prose)] == []


def test_readme_is_short() -> None:
    assert len(ENGLISH.read_text().splitlines()) <= 120
