"""The chain of a journal: each line has the SHA-256 of the line before it, as it is in the file.

A line that was changed, removed, added or put elsewhere does not fit the next one. Lines cut off at the end leave a
chain that fits: so a kill leaves it too. The digests have no key, so they show nothing to be wrong if all of a journal
was written anew; its last digest, kept elsewhere in a report, does.
"""

import os
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import Struct

from ks_reset.errors import Refused
from ks_reset.journal.entries import entries_in, journal_content, journal_file, mapping_of_line
from ks_reset.model import Body

FIELD = "prev"
"""The field of an entry that has the digest of the line before it; "" in the first line."""
TAIL = 1 << 16


class Chain(Struct, frozen=True):
    """What the digests of a journal say about its lines.

    `first` is the number of the first line with a digest, 0 if none has one: earlier versions wrote none. `head` is the
    digest of the last line. `broken` says in a sentence which line does not fit, and what follows; "" for none.
    """

    lines: int = 0
    first: int = 0
    head: str = ""
    broken: str = ""


def line_of(entry: dict[str, object], before: str) -> bytes:
    """An entry as a line without its newline, with the digest of the line before it."""
    return msgspec.json.encode({**entry, FIELD: before})


def digest_of_line(line: bytes) -> str:
    """The SHA-256 of a line without its newline, in hex."""
    return sha256(line).hexdigest()


def digest_of_last_line(file: int) -> str:
    """The digest of the last line of an open file that ends with a newline, read alone; "" for an empty file."""
    end, tail = os.fstat(file).st_size, b""
    while end > 0 and b"\n" not in tail[:-1]:
        start = max(0, end - TAIL)
        tail, end = os.pread(file, end - start, start) + tail, start
    return digest_of_line(tail[:-1].rpartition(b"\n")[2]) if tail else ""


def chain_of(folder: Path) -> Chain:
    """What the digests in the journal of a run say; a line cut short by a kill is legal if the next one fits it."""
    return chain_in(journal_content(folder))


def chain_in(content: bytes) -> Chain:
    """What the digests in the content of a journal say."""
    lines = content.split(b"\n")[: None if content and not content.endswith(b"\n") else -1]
    first, before = 0, ""
    for number, line in enumerate(lines, 1):
        entry = mapping_of_line(line)
        told = entry.get(FIELD) if entry is not None else None
        if entry is not None and (told != before if told is not None else first):
            return Chain(len(lines), first or number, broken=_sentence(number, told is None))
        first = first or (number if told is not None else 0)
        before = digest_of_line(line)
    return Chain(len(lines), first, before)


def unchanged_entries(folder: Path, way_on: str) -> list[Body]:
    """The entries of a journal. Raises Refused with the way on if a line does not fit the one before it."""
    content = journal_content(folder)
    if broken := chain_in(content).broken:
        raise Refused(f"The journal {journal_file(folder)} was changed: {broken} Nothing was sent. {way_on}")
    return entries_in(content)


def _sentence(number: int, bare: bool) -> str:
    if bare:
        why = f"line {number} has no digest of the line before it, and earlier lines have one: it was added or changed."
    elif number == 1:
        why = "line 1 is not the first: lines before it were removed."
    else:
        why = (
            f"line {number} does not fit line {number - 1}: that line was changed, or lines between them were removed, "
            "added or put elsewhere."
        )
    return f"{why} What the journal says before line {number} is not what the run wrote."
