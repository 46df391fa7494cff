"""Commands in Chinese, as a process: by flag, by the environment, and never in the output for programs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ks_reset.cli.encoding import encoding_of
from ks_reset.facts.snapshot import save_snapshot
from ks_reset.report.console import for_encoding
from tests.findings.test_rules import CASES


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    case = next(case for case in CASES if (case.subject, case.name) == ("old_owner", "uid_gone"))
    path = tmp_path_factory.mktemp("snapshot") / "before.json"
    save_snapshot(case.facts, path)
    return path


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "ks_reset", *words]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    return subprocess.run(command, capture_output=True, env={**kept, **environment}, check=False)


def test_the_flag_and_the_environment_give_the_same_chinese(snapshot: Path) -> None:
    by_flag = run("--lang", "zh", "doctor", "--snapshot", str(snapshot), LC_ALL="C.UTF-8")
    by_locale = run("doctor", "--snapshot", str(snapshot), LANG="zh_CN.UTF-8", PYTHONUTF8="1")
    assert by_flag.returncode == by_locale.returncode == 3
    assert by_flag.stdout == by_locale.stdout
    assert "后续办法" in by_flag.stdout.decode()


def test_the_output_for_programs_is_the_same_in_every_language(snapshot: Path) -> None:
    english, chinese = (
        run("--lang", language, "doctor", "--snapshot", str(snapshot), "-o", "json", LC_ALL="C.UTF-8")
        for language in ("en", "zh")
    )
    assert english.stdout == chinese.stdout != b""


def test_help_and_errors_are_chinese_too(tmp_path: Path) -> None:
    helped = run("--lang", "zh", "--help", LC_ALL="C.UTF-8")
    refused = run("--lang", "zh", "show", str(tmp_path / "none.json"), LC_ALL="C.UTF-8")
    assert "紧急情况" in helped.stdout.decode()
    assert (helped.returncode, refused.returncode) == (0, 2)
    assert "无法读取" in refused.stderr.decode()


@pytest.mark.parametrize("words", [("--lang", "zh"), ()], ids=["flag", "environment"])
def test_a_terminal_without_chinese_characters_gets_english_and_no_escapes(
    snapshot: Path, words: tuple[str, ...]
) -> None:
    shown = run(*words, "doctor", "--snapshot", str(snapshot), PYTHONIOENCODING="iso-8859-1", LANG="zh_CN")
    assert shown.returncode == 3
    assert b"\\u" not in shown.stdout
    assert b"Way on" in shown.stdout


def test_a_terminal_in_gbk_gets_gbk(snapshot: Path) -> None:
    shown = run("--lang", "zh", "doctor", "--snapshot", str(snapshot), PYTHONIOENCODING="gbk")
    assert "后续办法" in shown.stdout.decode("gbk")


@pytest.mark.parametrize("locale", ["zh_CN.GBK", "zh_CN.gb2312", "zh_CN.GB18030"])
def test_a_terminal_in_gbk_gets_gbk_also_where_the_locale_is_not_installed(snapshot: Path, locale: str) -> None:
    shown = run("doctor", "--snapshot", str(snapshot), LANG=locale)
    assert shown.returncode == 3, shown.stderr
    assert "后续办法" in shown.stdout.decode("gbk")


@pytest.mark.parametrize(
    ("environment", "codec"),
    [
        ({"LANG": "zh_CN.GBK"}, "gbk"),
        ({"LC_ALL": "zh_CN.gb18030", "LANG": "en_US.UTF-8"}, "gb18030"),
        ({"LC_CTYPE": "C.UTF-8", "LANG": "zh_CN.GB2312"}, "gbk"),
        ({"LC_CTYPE": "en_US.UTF-8", "LANG": "zh_CN.GBK"}, ""),
        ({"LANG": "zh_CN.UTF-8"}, ""),
        ({"LANG": "zh_CN.GBK", "PYTHONIOENCODING": "utf-8"}, ""),
        ({}, ""),
    ],
)
def test_the_codec_is_that_of_the_terminal_and_not_a_larger_one(environment: dict[str, str], codec: str) -> None:
    assert encoding_of(environment) == codec
    assert for_encoding("✓", "gbk") == "+"


def test_json_is_utf_8_in_every_locale_and_python_may_be_told_another_encoding(snapshot: Path) -> None:
    as_json = run("doctor", "--snapshot", str(snapshot), "-o", "json", LANG="zh_CN.GBK")
    json.loads(as_json.stdout.decode())
    told = run("doctor", "--snapshot", str(snapshot), LANG="zh_CN.GBK", PYTHONIOENCODING="utf-8")
    assert "后续办法" in told.stdout.decode()


def test_an_unknown_language_is_a_usage_error_that_names_the_others() -> None:
    refused = run("--lang", "xx", "doctor", LC_ALL="C.UTF-8")
    assert (refused.returncode, refused.stderr.decode()) == (
        2,
        "ks-reset: There is no language xx. There are: en, zh. Type: ks-reset --lang en --help\n",
    )
