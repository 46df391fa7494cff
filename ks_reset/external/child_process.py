"""Run another program as a child process: its output is passed on while it runs, and it ends when ks-reset does.

The child has a session of its own: Ctrl-C reaches ks-reset first, and ks-reset ends the child. If ks-reset is killed,
the kernel kills the child (PR_SET_PDEATHSIG, set by setpriv, on Linux alone). The kernel does so when the forking
*thread* ends (prctl(2)); that thread waits here.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping

from msgspec import Struct

BEAT = 1.0
GRACE = 10.0
"""Seconds between two calls of `tell`, and seconds for the child to end after SIGTERM."""


class Ended(Struct, frozen=True):
    """`code`: exit code, negative for a signal, None after a timeout; `out`: stdout; `said`: stderr."""

    code: int | None
    out: bytes
    said: str


def dying_with_parent(argv: list[str]) -> list[str]:
    """The command line, wrapped so that the kernel kills the process when the starting thread ends."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", "--", *argv] if setpriv else argv


def run(
    argv: list[str], given: bytes, env: Mapping[str, str], timeout: float, tell: Callable[[str], None], *, out: bool
) -> Ended:
    """Run a program with `given` on its stdin until it ends; after `timeout` seconds, end it.

    Every second, `tell` gets all of its stderr so far; an exception raised by `tell` ends the program and is raised.
    Stdout is read if `out`, else discarded. Raises OSError if the program does not start.
    """
    pipe, sink = subprocess.PIPE, subprocess.PIPE if out else subprocess.DEVNULL
    child = subprocess.Popen(
        dying_with_parent(argv), stdin=pipe, stdout=sink, stderr=pipe, env=env, start_new_session=True
    )
    try:
        return _follow_output(child, given, time.monotonic() + timeout, tell)
    finally:
        _end_process(child)


def _follow_output(
    child: "subprocess.Popen[bytes]", given: bytes, deadline: float, tell: Callable[[str], None]
) -> Ended:
    rest: bytes | None = given
    while True:
        try:
            out, said = child.communicate(rest, timeout=BEAT)
            return Ended(child.returncode, out or b"", _decoded_output(said))
        except subprocess.TimeoutExpired as beat:
            rest, said = None, beat.stderr or b""  # all of it so far, not only the new part
        tell(_decoded_output(said))
        if time.monotonic() > deadline:
            return Ended(None, b"", _decoded_output(said))


def _end_process(child: "subprocess.Popen[bytes]") -> None:
    """Send TERM, then KILL, to the child and its own children; does nothing if it has ended."""
    for sign, seconds in ((signal.SIGTERM, GRACE), (signal.SIGKILL, 30.0)):
        if child.poll() is not None:
            break
        os.killpg(child.pid, sign)
        try:
            child.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            continue
    for pipe in (child.stdin, child.stdout, child.stderr):
        if pipe:
            pipe.close()


def _decoded_output(data: bytes) -> str:
    return data.decode(errors="replace")
