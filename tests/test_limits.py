"""Nothing that is read is without an end: files, YAML and gzip, each with a message that names place and bound."""

import gzip
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ks_reset import facts as reading
from ks_reset import limits
from ks_reset.cluster.connect import list_contexts
from ks_reset.credentials.vault import open_vault
from ks_reset.errors import ResetError, Usage
from ks_reset.external.source import fetch_source
from ks_reset.journal import journal_entries
from ks_reset.limits import TooLarge, load_yaml, read_file, unpack_gzip
from ks_reset.plan.file import load_plan
from ks_reset.workflows.inputs import read_values

BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12))
DEEP = b"[" * 5000 + b"]" * 5000
ODD = {
    "not UTF-8": b"\xff\xfe\x00{",
    "deep": DEEP,
    "a bomb": BOMB.encode(),
    "of dashes": b"- " * 100_000,
    "passwd": b"root:x:0:0:root:/root:/bin/bash\n",
    "a number": b"5",
    "nothing": b"",
    "half gzip": gzip.compress(b"{}")[:-5],
    "an array": b"[]",
}


@pytest.mark.parametrize("text", [BOMB, "[" * 100_000, "- " * 100_000, "? " * 100_000])
def test_a_yaml_bomb_is_refused_and_ends_no_process(text: str) -> None:
    with pytest.raises(TooLarge, match="the most that ks-reset reads"):
        load_yaml(text, "The values file v.yaml")


@pytest.mark.parametrize("text", ["a: &a [*a]", "a: 1\n---\nb: 2", "a: [", "!!python/object:os.system x", "<<: 5"])
def test_other_yaml_is_an_error_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as caught:
        load_yaml(text)
    assert "\n" not in str(caught.value)


def test_a_device_without_an_end_and_a_silent_pipe_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TooLarge, match="/dev/zero is larger than 1000 bytes"):
        read_file(Path("/dev/zero"), 1000, "The plan")
    monkeypatch.setattr(limits, "FILE_SECONDS", 0.2)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Usage, match=r"is a pipe, and nothing came"):
        read_file(tmp_path / "pipe", 1000, "The plan")


def test_what_unpacks_to_too_much_is_refused() -> None:
    assert unpack_gzip(gzip.compress(b"1") + gzip.compress(b"2"), 10, "x") == b"12"
    with pytest.raises(TooLarge, match="unpacked, is larger than 1000 bytes"):
        unpack_gzip(gzip.compress(b"0" * 1001), 1000, "The chart")


@pytest.mark.parametrize("content", ODD, ids=str)
def test_every_file_is_read_or_refused_in_words(content: str, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(ODD[content])
    readers = [
        lambda: load_plan(path),
        lambda: reading.load_snapshot(path),
        lambda: reading.load_baseline(path),
        lambda: open_vault(path, path),
        lambda: list_contexts(str(path)),
        lambda: read_values(path),
    ]
    for read in readers:
        with pytest.raises(ResetError) as caught:
            read()
        assert "object has no attribute" not in str(caught.value)
        assert "indices must be" not in str(caught.value)
        assert len(str(caught.value)) < 3000
    assert fetch_source(str(path)).kind not in ("chart", "manifest")
    assert journal_entries(tmp_path) == []


def run_into(target: str, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    line = f"{sys.executable} -m ks_reset {' '.join(arguments)} {target}"
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"} | environment
    return subprocess.run(["bash", "-c", line], env=env, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize(
    ("target", "code"), [("> /dev/full", 1), ("| true; exit ${PIPESTATUS[0]}", 128 + signal.SIGPIPE)]
)
def test_a_full_or_closed_output_is_no_defect(target: str, code: int) -> None:
    done = run_into(target, "catalogue", "3.3.1", "-o", "json")
    assert done.returncode == code
    assert "report it" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_terminal_that_knows_few_characters_is_written_to(tmp_path: Path) -> None:
    done = run_into("", "runbook", LC_ALL="en_US.ISO-8859-1", PYTHONIOENCODING="iso-8859-1")
    assert done.returncode == 0, done.stderr
