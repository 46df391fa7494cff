"""Another program, run as a child that never outlives us, and listened to while it runs.

It gets a session of its own, so that Ctrl-C reaches us first and we end it in order. Should we be killed, the kernel
kills it (PR_SET_PDEATHSIG, by setpriv, Linux; elsewhere only the orderly way). The kernel does so when the *thread*
that forked ends (prctl(2)), and that thread waits here.
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
"""Seconds between two words about it, and those that it gets to end by itself."""


class Ended(Struct, frozen=True):
    """`code` is the exit code, negative for a signal, None if its time was over; `said` is what it wrote on stderr."""

    code: int | None
    out: bytes
    said: str


def bound(argv: list[str]) -> list[str]:
    """The command that the kernel kills when the thread that starts it ends."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", "--", *argv] if setpriv else argv


def run(
    argv: list[str], given: bytes, env: Mapping[str, str], timeout: float, tell: Callable[[str], None], *, out: bool
) -> Ended:
    """Run a program with these bytes on its stdin, and return when it has ended; after `timeout` seconds it is ended.

    `tell` gets what it wrote on stderr so far, every second; whatever `tell` raises ends the program and is raised.
    Its stdout is read if `out`, else thrown away. Raises OSError if it does not start.
    """
    pipe, sink = subprocess.PIPE, subprocess.PIPE if out else subprocess.DEVNULL
    child = subprocess.Popen(bound(argv), stdin=pipe, stdout=sink, stderr=pipe, env=env, start_new_session=True)
    try:
        return _listened(child, given, time.monotonic() + timeout, tell)
    finally:
        _end(child)


def _listened(child: "subprocess.Popen[bytes]", given: bytes, deadline: float, tell: Callable[[str], None]) -> Ended:
    rest: bytes | None = given
    while True:
        try:
            out, said = child.communicate(rest, timeout=BEAT)
            return Ended(child.returncode, out or b"", _text(said))
        except subprocess.TimeoutExpired as beat:
            rest, said = None, beat.stderr or b""  # all of it so far, not only what is new
        tell(_text(said))
        if time.monotonic() > deadline:
            return Ended(None, b"", _text(said))


def _end(child: "subprocess.Popen[bytes]") -> None:
    """TERM, then KILL, to it and to what it started; harmless if it has ended."""
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


def _text(data: bytes) -> str:
    return data.decode(errors="replace")
