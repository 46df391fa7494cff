"""Facts on disk: one JSON file, gzipped if its name ends in .gz, readable by its owner alone."""

import gzip
import zlib
from pathlib import Path
from typing import TypeVar

import msgspec

from ks_reset import local
from ks_reset.errors import Usage, other_file
from ks_reset.limits import SNAPSHOT_BYTES, decode_json, read_file, unpack_gzip
from ks_reset.model import FleetFacts, Plan


class Baseline(FleetFacts, frozen=True, dict=True):
    """The facts before the writes of a run. `plans` are its plans: without them nobody can tell what was to change."""

    plans: tuple[Plan, ...] = ()


Facts = TypeVar("Facts", bound=FleetFacts)


def save_snapshot(facts: FleetFacts, path: Path) -> None:
    """Write a snapshot, mode 0600. Raises Usage if the file cannot be written."""
    data = msgspec.json.encode(facts)
    try:
        local.write_private_file(path, gzip.compress(data) if path.suffix == ".gz" else data)
    except OSError as error:
        raise Usage(f"The snapshot cannot be written to {path}: {error.strerror}.", other_file(path)) from error


def load_snapshot(path: Path) -> FleetFacts:
    """Read a snapshot. Raises Usage if the file is not one."""
    return _load(path, FleetFacts, "snapshot", "Make one with ks-reset snapshot --out FILE.")


def load_baseline(path: Path) -> Baseline:
    """Read a baseline, or a snapshot made by hand, without plans. Raises Usage if the file is neither, or damaged."""
    there = "Give the baseline.json.gz that apply kept in the folder of its run (its last line names it)."
    return _load(path, Baseline, "baseline", there)


def _load(path: Path, made_as: type[Facts], what: str, instead: str) -> Facts:
    try:
        data = read_file(path, SNAPSHOT_BYTES, f"The {what}")
        data = unpack_gzip(data, SNAPSHOT_BYTES, f"The {what} {path}") if data[:2] == b"\x1f\x8b" else data
        facts: Facts = decode_json(data, made_as)
        return facts
    except ValueError as error:
        raise Usage(f"{path} is not a {what} of ks-reset: {error}. {instead}", other_file(path)) from error
    except (EOFError, zlib.error) as error:
        raise Usage(f"The {what} {path} is damaged: {error}. {instead}", other_file(path)) from error
    except OSError as error:
        raise Usage(f"The {what} {path} cannot be read: {error.strerror or error}.", other_file(path)) from error
