"""Facts on disk: one JSON file, gzipped if its name ends in .gz, readable by its owner alone."""

import gzip
import zlib
from pathlib import Path

import msgspec

from ks_reset import local
from ks_reset.errors import Usage
from ks_reset.model import FleetFacts


def save_snapshot(facts: FleetFacts, path: Path) -> None:
    """Write a snapshot, mode 0600. Raises Usage if the file cannot be written."""
    data = msgspec.json.encode(facts)
    try:
        local.write_private_file(path, gzip.compress(data) if path.suffix == ".gz" else data)
    except OSError as error:
        raise Usage(f"The snapshot cannot be written to {path}: {error.strerror}.") from error


def load_snapshot(path: Path) -> FleetFacts:
    """Read a snapshot. Raises Usage if the file is not one."""
    try:
        data = path.read_bytes()
        return msgspec.json.decode(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data, type=FleetFacts)
    except OSError as error:
        raise Usage(f"The snapshot {path} cannot be read: {error.strerror or error}.") from error
    except (msgspec.MsgspecError, EOFError, zlib.error) as error:
        raise Usage(f"{path} is not a snapshot of ks-reset: {error}. Make one with ks-reset snapshot -o.") from error
