"""The layout shared by findings and refusals: a title, then the parts Seen, Follows and Way on.

Prose is wrapped to the terminal, and not at all where `width` is 0. A command stands on a line of its own, however
long, to be copied.
"""

import re
from collections.abc import Iterable

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape

from ks_reset.language import translate, translate_word
from ks_reset.report.commands import INDENT, wrap_prose

SEEN, FOLLOWS, WAY_ON = "Seen", "Follows", "Way on"
COLUMN = INDENT + len(FOLLOWS) + 2
"""Where the text of the parts begins."""


TITLE = re.compile(r"(.*?)(\s+\([a-z0-9-]+\))?", re.DOTALL)
"""A title, and the id of a finding behind it, which is the same in every language."""


def print_title(console: Console, lead: str, title: str, style: str, width: int, indent: int = 0) -> None:
    """Print a title, wrapped, in bold; the lead in front of it has the style."""
    sentence, name = TITLE.fullmatch(title.strip("\n")).groups("")  # type: ignore[union-attr]
    first, *more = wrap_prose(f"{lead} {translate(sentence)}{name}", width, indent, indent + INDENT)
    rest = first.strip().removeprefix(lead)
    console.print(f"{' ' * indent}[{style}]{escape(lead)}[/][bold]{escape(rest)}[/bold]", soft_wrap=True)
    for line in more:
        console.print(f"[bold]{escape(line)}[/bold]", soft_wrap=True)


def print_part(console: Console, name: str, lines: Iterable[str]) -> None:
    """Print lines that begin at COLUMN, the name of the part in front of the first of them."""
    for number, line in enumerate(lines):
        word = translate_word(name)
        lead = f"{' ' * INDENT}[bold]{word}[/bold]{' ' * (COLUMN - INDENT - cell_len(word))}" if number == 0 else ""
        console.print(f"{lead}{escape(line[COLUMN:] if lead else line)}", soft_wrap=True)
