"""The lock of a cluster on this machine, and who looks at it."""

import fcntl
import os
import time
from pathlib import Path
from threading import Timer

import pytest

from ks_reset.local import is_locked, open_locked


def test_a_look_at_the_lock_does_not_refuse_the_run_that_begins_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    path.touch()
    looking = os.open(path, os.O_RDONLY)
    fcntl.flock(looking, fcntl.LOCK_SH)
    Timer(0.2, os.close, [looking]).start()
    held = open_locked(path)
    assert is_locked(path)
    os.close(held)
    assert not is_locked(path)


def test_a_lock_that_is_held_is_refused_after_a_second(tmp_path: Path) -> None:
    held, start = open_locked(tmp_path / "a.lock"), time.monotonic()
    with pytest.raises(BlockingIOError):
        open_locked(tmp_path / "a.lock")
    assert 0.9 < time.monotonic() - start < 5
    os.close(held)
