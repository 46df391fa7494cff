"""Local processes, ended together with their owner.

A rehearsal starts a dozen servers. A server left behind after a failed start, a Ctrl-C or a `kill -9` would answer
the next rehearsal. So each runs in a session of its own, is stopped by TERM, then KILL, and is killed by the kernel
when its owner dies (PR_SET_PDEATHSIG, on Linux alone).

The kernel sends the signal when the forking *thread* ends (prctl(2)), so one thread, running as long as the
interpreter, forks them all.
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

from ks_reset.external.child_process import dying_with_parent

_forker = ThreadPoolExecutor(1, thread_name_prefix="forker")
Argv = list[str]
LAZY = {"GOGC": "300"}
"""Go servers collect garbage less often: they run for minutes, and CPU time is scarcer than memory."""


class Process:
    """A running program. `name` is for messages; stdout and stderr are appended to `log`."""

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
        dying_with_parent(argv), stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env, start_new_session=True
    )


@contextmanager
def interrupt_on_sigterm() -> Iterator[None]:
    """Inside the block, SIGTERM raises KeyboardInterrupt as Ctrl-C does, so that everything started is stopped.

    Does nothing outside the main thread: Python delivers signals there alone.
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
