"""Files that hold what only their owner should read: whole or not there, whatever kills the process meanwhile."""

import os
from pathlib import Path


def write(path: Path, data: bytes) -> None:
    """Write a file with mode 0600, by way of a new one beside it; a device or a pipe is written straight.

    Raises OSError if that fails; what was there before is then as it was.
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


def append(file: int, data: bytes) -> None:
    """Append all of it to an open file; on return it is on disk. Raises OSError."""
    while data:
        data = data[os.write(file, data) :]
    os.fsync(file)
