"""Local processes that never outlive their owner.

A rehearsal starts a dozen servers. If one of them stayed behind after a failed start, a Ctrl-C or a `kill -9`, the
next rehearsal would talk to a dead one's neighbour. So: each runs in a session of its own, is stopped by TERM, then
KILL, and is killed by the kernel when its owner dies (PR_SET_PDEATHSIG, Linux; elsewhere only the orderly way).

The kernel sends that signal when the *thread* that forked ends (prctl(2)), so one thread that lives as long as the
interpreter forks them all.
"""

import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from ks_reset.external.child_process import bound

_forker = ThreadPoolExecutor(1, thread_name_prefix="forker")
Argv = list[str]
LAZY = {"GOGC": "300"}
"""Servers written in Go tidy their memory less often: they live for minutes, and time is scarcer than memory here."""


class Process:
    """A running program whose output goes to a file.

    `name` is for messages; `log` holds stdout and stderr of every run under this name.
    """

    def __init__(self, name: str, argv: Argv, log: Path, env: Mapping[str, str] | None = None) -> None:
        self.name = name
        self.log = log
        environment = {**LAZY, **os.environ, **(env or {})}
        with log.open("ab") as out:
            self._popen = _forker.submit(_fork_process, argv, out.fileno(), environment).result()

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def running(self) -> bool:
        return self._popen.poll() is None

    @property
    def code(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self._popen.poll()

    def tail(self, lines: int = 12) -> str:
        """The last lines of the log, for an error message."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def stop(self, grace: float = 5.0) -> None:
        """TERM, then KILL after `grace` seconds; returns when the process is gone. Stopping twice is harmless."""
        for sign, seconds in ((signal.SIGTERM, grace), (signal.SIGKILL, 30.0)):
            if not self.running:
                return
            self._popen.send_signal(sign)
            try:
                self._popen.wait(seconds)
            except subprocess.TimeoutExpired:
                continue


def _fork_process(argv: Argv, out: int, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        bound(argv), stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env, start_new_session=True
    )


@contextmanager
def unwinding() -> Iterator[None]:
    """Inside, SIGTERM unwinds the stack as Ctrl-C does (KeyboardInterrupt), so that everything started is stopped.

    Does nothing outside the main thread, where Python cannot receive signals.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _raise_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _raise_interrupt(number: int, _: FrameType | None) -> None:
    raise KeyboardInterrupt(signal.Signals(number).name)
