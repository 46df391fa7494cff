"""Lines of a width in columns of a terminal, on which a Chinese character is two columns wide."""

import re
from textwrap import TextWrapper

from rich.cells import cell_len

WIDE = "\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6"
CLOSING = "。，；：！？、）》」”"
OPENING = "（「《“"
PIECES = re.compile(
    rf"[{OPENING}]+[^\s{WIDE}]+[{CLOSING}]*|[{OPENING}]*[{WIDE}][{CLOSING}]*|\s+|[^\s{WIDE}]+[{CLOSING}]*"
)
"""What stays together: a wide character or a word, with opening marks before it and closing marks behind it."""
IS_WIDE = re.compile(f"[{WIDE}]")


def wrap(text: str, width: int, first: str = "", more: str = "") -> list[str]:
    """The lines of a text, with these indents; a longer word stays whole. No line for an empty text."""
    if not IS_WIDE.search(text):
        wrapper = TextWrapper(width, first, more, break_long_words=False, break_on_hyphens=False)
        return wrapper.wrap(text)
    lines, line = list[str](), ""
    for piece in PIECES.findall(text):
        indent = more if lines else first
        if line and cell_len(indent) + cell_len(line) + cell_len(piece.rstrip()) > width:
            lines.append(f"{indent}{line.rstrip()}")
            line = piece.lstrip()
        else:
            line += " " if piece.isspace() else piece
    return [*lines, f"{more if lines else first}{line.rstrip()}"] if line.strip() else lines


def shorten_line(text: str, width: int) -> str:
    """The text on one line of so many columns, with `…` for what does not fit."""
    line = " ".join(text.split())
    if cell_len(line) <= width:
        return line
    kept = ""
    for piece in PIECES.findall(line):
        if cell_len(kept) + cell_len(piece) > width - 2:
            break
        kept += piece
    return f"{kept.rstrip()} …"
