"""This machine: private files, where state and shared data lie, and who runs ks-reset."""

import fcntl
import gc
import getpass
import os
import socket
import time
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from platformdirs import user_state_path

from ks_reset.errors import ResetError

LOCK_TRIES = 20
"""How often a lock is tried within a second."""
LONGEST_NAME = 200
"""Characters of a file's name; most file systems take 255 bytes."""


def write_private_file(path: Path, data: bytes) -> None:
    """Write a file with mode 0600: to a new file beside it, renamed at the end. Write a device or a pipe directly.

    Raises OSError on failure; a file that existed before is then unchanged.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def private_folder(path: Path) -> Path:
    """The folder, made with mode 0700 if it is not there, as are the folders above it. Raises OSError.

    The state directory itself gets this mode also if it was there: it holds keys and values.
    """
    for folder in (*reversed(path.parents), path):
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
    home = state_dir()
    if home in (path, *path.parents) and home.stat().st_mode & 0o077 and home.stat().st_uid == os.getuid():
        home.chmod(0o700)
    return path


def file_name(text: str) -> str:
    """A text from a cluster or a plan as the name of a file: it names no other folder, and no hidden file.

    Characters other than letters, digits, `-`, `_` and inner dots are percent-encoded; a long name ends in a digest.
    """
    safe = quote(text, safe="").replace("~", "%7E") or "%00"
    safe = f"%2E{safe[1:]}" if safe.startswith(".") else safe
    return safe if len(safe) <= LONGEST_NAME else f"{safe[:150]}-{sha256(text.encode()).hexdigest()[:32]}"


def append_and_sync(file: int, data: bytes) -> None:
    """Append all of `data` to an open file and sync it to disk. Raises OSError."""
    while data:
        data = data[os.write(file, data) :]
    os.fsync(file)


def open_locked(path: Path) -> int:
    """A file descriptor with an exclusive lock. Raises BlockingIOError if another process has the lock for a second.

    `is_locked` of another process has it for a moment.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    for left in reversed(range(LOCK_TRIES)):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if not left:
                os.close(descriptor)
                raise
            time.sleep(1 / LOCK_TRIES)
    return descriptor


def is_locked(path: Path) -> bool:
    """Whether another process has the lock of `open_locked` on this file. Creates no file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def working_folder() -> str:
    """The current directory; "" if it was deleted."""
    try:
        return os.getcwd()
    except OSError:
        return ""


def end_last_line(file: int) -> None:
    """Complete a line cut short by a kill with a newline."""
    size = os.fstat(file).st_size
    if size and os.pread(file, 1, size - 1) != b"\n":
        append_and_sync(file, b"\n")


def state_dir() -> Path:
    """The folder of runs, resets and locks: KS_RESET_STATE, else the user's state directory."""
    return Path(os.environ["KS_RESET_STATE"]) if os.environ.get("KS_RESET_STATE") else user_state_path("ks-reset")


def shared_folder(kind: str) -> Path:
    """The folder "examples" or "playbooks": inside the wheel, or beside the package in a clone.

    Raises ResetError if the installation has none.
    """
    package = Path(__file__).parent
    for candidate in (package / "_share" / kind, package.parent / kind):
        if candidate.is_dir():
            return candidate
    raise ResetError(
        f"This installation of ks-reset has no folder '{kind}'. Install it again, in a clone of ks-reset: pip install "
        "--force-reinstall ."
    )


def collect_seldom() -> None:
    """Make cyclic garbage collection rare: facts are many objects without cycles, and each collection visits all."""
    gc.set_threshold(50_000, 50, 100)


def user_and_machine() -> str:
    """`user@machine`; the user's number if it has no name, as in many containers."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"
