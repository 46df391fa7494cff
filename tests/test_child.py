"""A program that runs as our child: what it gets and says, and that it never stays behind."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ks_reset.external import child_process

STUBBORN = 'trap "" TERM; echo $$ > "$0"; echo begun >&2; while :; do sleep 0.1; done'
OWNER = """
import sys
from ks_reset.external import child_process
child_process.run(["sh", "-c", sys.argv[1], sys.argv[2]], b"", {"PATH": "/usr/bin:/bin"}, 60, lambda _: None, out=False)
"""


@pytest.fixture
def pid(tmp_path: Path) -> Path:
    """Where a program of a test writes its process id."""
    return tmp_path / "pid"


def run(
    script: str, given: bytes = b"", *, out: bool = True, timeout: float = 20, at: Path | None = None
) -> child_process.Ended:
    return child_process.run(["sh", "-c", script, str(at)], given, os.environ, timeout, lambda _: None, out=out)


def gone(pid: Path) -> bool:
    for _ in range(200):
        if not Path(f"/proc/{pid.read_text().strip()}").exists():
            return True
        time.sleep(0.05)
    return False


def test_it_reads_what_it_is_given_and_what_it_writes_is_kept_apart() -> None:
    much = b"x" * 300_000
    assert run("cat; echo oh >&2; exit 3", much) == child_process.Ended(3, much, "oh\n")
    assert run("cat; kill -9 $$", b"secret", out=False) == child_process.Ended(-9, b"", "")


def test_one_that_reads_nothing_is_no_error() -> None:
    assert run("exec <&-; sleep 0.2", b"x" * 300_000).code == 0


def test_what_it_says_is_told_while_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(child_process, "BEAT", 0.1)
    child_process.run(
        ["sh", "-c", "echo a >&2; sleep 0.5; echo b >&2; sleep 0.5"], b"", os.environ, 20, told.append, out=False
    )
    assert "a\n" in told
    assert told[-1] == "a\nb\n"


def test_one_that_takes_too_long_is_ended_even_if_it_ignores_term(pid: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process, "GRACE", 0.3)
    assert run(STUBBORN, at=pid, timeout=0.5) == child_process.Ended(None, b"", "begun\n")
    assert gone(pid)


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_whatever_is_raised_while_it_runs_ends_it(
    pid: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    monkeypatch.setattr(child_process, "GRACE", 0.3)

    def tell(_: str) -> None:
        raise error

    with pytest.raises(error):
        child_process.run(["sh", "-c", STUBBORN, str(pid)], b"", os.environ, 20, tell, out=False)
    assert gone(pid)


def await_program(owner: "subprocess.Popen[bytes]", pid: Path, stderr: Path) -> None:
    """Return when the owner's program has written its process id; fail with the owner's stderr if the owner ends."""
    deadline = time.monotonic() + 60
    while not (pid.exists() and pid.read_text().strip()):
        assert owner.poll() is None, f"the owner ended with code {owner.returncode}: {stderr.read_text()}"
        assert time.monotonic() < deadline, f"the program did not start within 60 s: {stderr.read_text()}"
        time.sleep(0.05)


def test_it_dies_when_we_are_killed(pid: Path, tmp_path: Path) -> None:
    stderr = tmp_path / "stderr"
    with stderr.open("wb") as sink:
        owner = subprocess.Popen([sys.executable, "-c", OWNER, STUBBORN, str(pid)], stderr=sink)
    try:
        await_program(owner, pid, stderr)
    finally:
        owner.kill()
        owner.wait(10)
    assert gone(pid)


def test_an_owner_that_fails_at_once_is_reported_and_not_awaited(pid: Path, tmp_path: Path) -> None:
    stderr = tmp_path / "stderr"
    with stderr.open("wb") as sink:
        owner = subprocess.Popen([sys.executable, "-c", "raise SystemExit('no such module')"], stderr=sink)
    with pytest.raises(AssertionError, match="ended with code 1: no such module"):
        await_program(owner, pid, stderr)
