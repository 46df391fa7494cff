"""The cache of built programs: a folder each, completed by an atomic rename, built by one process at a time."""

import fcntl
import os
import platform
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from platformdirs import user_cache_path


def cache_dir() -> Path:
    """KS_RESET_CACHE, else the user's cache directory."""
    return Path(os.environ["KS_RESET_CACHE"]) if os.environ.get("KS_RESET_CACHE") else user_cache_path("ks-reset")


def machine_name() -> str:
    """This machine's system and architecture in Go's names, such as linux-amd64; part of a cached folder's name."""
    arch = {"x86_64": "amd64", "aarch64": "arm64", "AMD64": "amd64"}.get(platform.machine(), platform.machine())
    return f"{platform.system().lower()}-{arch}"


def cached_folder(name: str, make: Callable[[Path], None], say: Callable[[str], None] = lambda _: None) -> Path:
    """The finished folder of this name; if there is none, `make` fills a new one.

    A second process waits for the first. A failed or killed `make` never leaves a finished folder; the partial folder
    of a killed one is removed by the next call.
    """
    folder = cache_dir() / name
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        _take_lock(lock.fileno(), say)
        if folder.is_dir():
            return folder
        for partial in folder.parent.glob(f"{folder.name}.*.part"):
            shutil.rmtree(partial, ignore_errors=True)
        part = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", suffix=".part", dir=folder.parent))
        try:
            make(part)
            part.rename(folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    return folder


def _take_lock(lock: int, say: Callable[[str], None]) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("waiting for another ks-reset that makes the same thing")
        fcntl.flock(lock, fcntl.LOCK_EX)
