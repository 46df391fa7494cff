"""Whole screens at 80 and 120 columns: a plan, refusals and a check-up; and on terminals that can do little.

Only a command may be longer than the screen: it is copied as it stands.
"""

import os
import pty
import re
import subprocess
import sys
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from ks_reset import facts as reading
from ks_reset.cli import app
from ks_reset.cli.way_on import current_call
from ks_reset.errors import Refused, ResetError
from ks_reset.plan.file import load_plan
from ks_reset.report.console import SafeConsole
from ks_reset.report.plan import show_plan
from ks_reset.report.refusals import print_error
from tests.docs.pages import ROOT
from tests.golden_files import same
from tests.incident import incident_facts

WIDTHS = (80, 120)
COMMAND = re.compile(r"\s*(?:\(umask 077; )?(?:ks-reset|kubectl|helm) ")
ANSI = re.compile(r"\x1b\[[0-9;]*m")
HEX = re.compile(r"\b[0-9a-f]{64}\b")
BARE = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "PYTHONPATH": str(ROOT)}
SNAPSHOT = "prod.json.gz"
PLAIN = {"…": "...", "✓": "+", "→": "->"}
CALLS = {
    "plan": ("plan", "uninstall", "--snapshot", SNAPSHOT, "--out", "plan.json"),
    "doctor": ("doctor", "--snapshot", SNAPSHOT),
    "blocked": ("plan", "uninstall", "--snapshot", "stale.json.gz"),
    "damaged": ("apply", "damaged.json", "--yes", "--context", "prod"),
    "check": ("check", "--snapshot", "stale.json.gz"),
    "explain": ("explain", "namespace/catalog", "--snapshot", "stale.json.gz"),
    "nowhere": ("explain", "namespace/nope", "--snapshot", SNAPSHOT),
}
"""The screens by name, with the call of each."""


@pytest.fixture(autouse=True, scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A folder with the snapshots of the incident before and after its second record, a plan and a damaged one."""
    place = tmp_path_factory.mktemp("screens")
    before = os.getcwd()
    os.chdir(place)
    os.environ["KS_RESET_STATE"] = str(place / "state")
    reading.save_snapshot(incident_facts(), Path(SNAPSHOT))
    reading.save_snapshot(incident_facts("produce-trt"), Path("stale.json.gz"))
    CliRunner().invoke(app, [*CALLS["plan"][:-1], "my plan.json"])
    Path("damaged.json").write_text(Path("my plan.json").read_text().replace('"why": "', '"why": "not ', 1))
    yield place
    os.chdir(before)
    del os.environ["KS_RESET_STATE"]


def screen(name: str, width: int) -> str:
    """What a call prints on stdout and stderr, as at a terminal of this width without colours."""
    done = CliRunner().invoke(app, list(CALLS[name]), env={"COLUMNS": str(width), "FORCE_COLOR": "1"})
    text = ANSI.sub("", done.output)
    if isinstance(done.exception, ResetError):
        file, call = StringIO(), current_call()
        console = Console(file=file, width=width, force_terminal=True, color_system=None, highlight=False)
        print_error(done.exception, console, call.line, call.new_plan)
        text += file.getvalue()
    text = HEX.sub("D" * 64, text)
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", CALLS)
def test_a_screen_reads_as_in_the_golden_file_and_only_commands_are_longer(name: str, width: int) -> None:
    text = screen(name, width)
    assert [line for line in text.splitlines() if len(line) > width and not COMMAND.match(line)] == []
    same(f"screen_{name}_{width}.txt", text)


@pytest.mark.parametrize("encoding", ["ascii", "iso-8859-1", "gbk", "utf-8"])
def test_a_terminal_with_few_characters_shows_every_line(encoding: str) -> None:
    raw = BytesIO()
    file = TextIOWrapper(raw, encoding, errors="backslashreplace", write_through=True)
    show_plan(load_plan(Path("my plan.json")), SafeConsole(file=file, width=80, highlight=False), False)
    print_error(Refused("a: b … c ✓ d →"), SafeConsole(file=file, width=80, highlight=False))
    text = raw.getvalue().decode(encoding)
    assert "\\u" not in text
    assert "Digest: " in text
    seen = text.splitlines()[-1].split()
    assert seen[::2] == ["Seen", *(sign if _knows(encoding, sign) else plain for sign, plain in PLAIN.items())]


def _knows(encoding: str, sign: str) -> bool:
    return sign.encode(encoding, "ignore") != b""


@pytest.mark.parametrize(
    "environment",
    [
        {"TERM": "dumb", "LANG": "C"},
        {"TERM": "xterm", "LC_ALL": "zh_CN.GBK", "PYTHONIOENCODING": "gbk"},
        {"TERM": "dumb", "LC_ALL": "en_US.ISO-8859-1", "PYTHONIOENCODING": "iso-8859-1"},
    ],
)
def test_a_real_terminal_of_80_columns_gets_whole_lines(environment: dict[str, str]) -> None:
    code, text = at_terminal(["show", "my plan.json"], environment)
    assert code == 0, text
    assert ("摘要：" if "zh" in environment.get("LC_ALL", "") else "Digest: ") in text
    assert "\\u" not in text
    lines = ANSI.sub("", text).splitlines()
    assert [line for line in lines if len(line) > 80 and not COMMAND.match(line)] == []
    assert ("\x1b[" in text) == (environment["TERM"] != "dumb")


def at_terminal(words: list[str], environment: dict[str, str]) -> tuple[int, str]:
    """Exit code and output of a command at a terminal of 80 columns and 24 lines."""
    ours, theirs = pty.openpty()
    env = BARE | {"COLUMNS": "80", "LINES": "24"} | environment
    child = subprocess.Popen(
        [sys.executable, "-m", "ks_reset", *words], stdout=theirs, stderr=theirs, stdin=theirs, env=env
    )
    os.close(theirs)
    read = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not chunk:
            break
        read += chunk
    os.close(ours)
    return child.wait(), read.decode(environment.get("PYTHONIOENCODING", "utf-8"))


@pytest.mark.parametrize("words", [["catalogue", "3.3.1", "-o", "json"], ["show", "my plan.json"], ["--help"]])
def test_a_command_whose_reader_has_gone_ends_as_kubectl_does(words: list[str]) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "ks_reset", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=BARE,
    )
    assert child.stdout
    child.stdout.close()
    assert child.stderr
    assert (child.stderr.read(), child.wait()) == (b"", -13)


def test_a_full_disk_behind_stdout_is_told() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "ks_reset", "show", "my plan.json"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=BARE,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("ks-reset: stdout cannot be written: No space left on device. Mend that, then")
