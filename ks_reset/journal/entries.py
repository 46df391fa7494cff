"""The entries of a journal, as its lines have them."""

from contextlib import suppress
from pathlib import Path

from ks_reset.limits import JOURNAL_BYTES, decode_json, read_file
from ks_reset.model import Body


def journal_file(folder: Path) -> Path:
    """The journal in the folder of a run."""
    return folder / "journal.jsonl"


def journal_entries(folder: Path) -> list[Body]:
    """All complete lines of a journal; a line cut short by a kill is left out."""
    events, path = list[Body](), journal_file(folder)
    for line in read_file(path, JOURNAL_BYTES, "The journal").splitlines() if path.is_file() else []:
        with suppress(ValueError):
            entry = decode_json(line)
            if isinstance(entry, dict) and isinstance(entry.get("event"), str):
                events.append(entry)
    return events


def is_done(folder: Path) -> bool:
    """Whether a run in this folder is done."""
    return any(entry["event"] == "done" for entry in journal_entries(folder))
