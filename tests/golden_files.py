"""Expected texts in files of tests/golden. KS_RESET_GOLDEN=write writes them again."""

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def same(name: str, text: str) -> None:
    """Fails if the file with this name has another text."""
    path = FOLDER / name
    if os.environ.get("KS_RESET_GOLDEN") == "write":
        path.write_text(text)
    assert text == path.read_text(), f"{path} differs; look at it, then write it anew with KS_RESET_GOLDEN=write"
