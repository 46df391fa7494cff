"""The entries of a journal, as its lines have them."""

from pathlib import Path

from ks_reset.limits import JOURNAL_BYTES, decode_json, read_file
from ks_reset.model import Body


def journal_file(folder: Path) -> Path:
    """The journal in the folder of a run."""
    return folder / "journal.jsonl"


def journal_content(folder: Path) -> bytes:
    """The journal in the folder of a run as it is in the file; nothing without one."""
    path = journal_file(folder)
    return read_file(path, JOURNAL_BYTES, "The journal") if path.is_file() else b""


def journal_entries(folder: Path) -> list[Body]:
    """All complete lines of a journal; a line cut short by a kill is left out."""
    return entries_in(journal_content(folder))


def entries_in(content: bytes) -> list[Body]:
    """All complete lines in the content of a journal."""
    entries = map(mapping_of_line, content.splitlines())
    return [entry for entry in entries if entry is not None and isinstance(entry.get("event"), str)]


def mapping_of_line(line: bytes) -> Body | None:
    """The JSON object in a line of a journal; None for anything else."""
    try:
        entry = decode_json(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None


def is_done(folder: Path) -> bool:
    """Whether a run in this folder is done."""
    return any(entry["event"] == "done" for entry in journal_entries(folder))
