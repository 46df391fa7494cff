"""Child processes: their input and output, and their end in every case."""

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
    """The file for the process id of a test's program."""
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


def test_it_reads_its_stdin_and_its_stdout_and_stderr_are_kept_apart() -> None:
    much = b"x" * 300_000
    assert run("cat; echo oh >&2; exit 3", much) == child_process.Ended(3, much, "oh\n")
    assert run("cat; kill -9 $$", b"secret", out=False) == child_process.Ended(-9, b"", "")


def test_a_child_that_reads_nothing_is_no_error() -> None:
    assert run("exec <&-; sleep 0.2", b"x" * 300_000).code == 0


def test_its_stderr_is_reported_while_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The child writes its second line after the first was reported, and ends after both were."""

    def answer(said: str) -> None:
        (tmp_path / str(said.count("\n"))).touch()

    monkeypatch.setattr(child_process, "BEAT", 0.1)
    waiting = "until [ -e {} ]; do sleep 0.05; done".format
    script = f"cd {tmp_path}; echo a >&2; {waiting(1)}; echo b >&2; {waiting(2)}"
    ended = child_process.run(["sh", "-c", script], b"", os.environ, 20, answer, out=False)
    assert ended == child_process.Ended(0, b"", "a\nb\n")


def test_a_child_over_its_time_is_killed_even_if_it_ignores_term(pid: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process, "GRACE", 0.3)
    assert run(STUBBORN, at=pid, timeout=0.5) == child_process.Ended(None, b"", "begun\n")
    assert gone(pid)


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_exception_during_its_run_kills_it(
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
