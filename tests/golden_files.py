"""Texts that people read, kept as files: a change shows in a diff. KS_RESET_GOLDEN=write writes them anew."""

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def same(name: str, text: str) -> None:
    """Fails unless the file of this name holds this text."""
    path = FOLDER / name
    if os.environ.get("KS_RESET_GOLDEN") == "write":
        path.write_text(text)
    assert text == path.read_text(), f"{path} differs; look at it, then write it anew with KS_RESET_GOLDEN=write"
