"""A message in parts: prose, and commands that are copied as they are, each on a line of its own."""

import re
from collections.abc import Iterator
from textwrap import TextWrapper

from msgspec import Struct
from rich.console import Console

SUBCOMMANDS = (
    "plan|apply|doctor|verify|explain|backup|check|snapshot|vault|memory|feasible|render|reset|runbook|report|catalogue|"
    "show|permissions|protect (?:on|off|status)|runs (?:list|show|logs)"
)
KUBECTL_VERBS = "get|describe|edit|delete|patch|create|scale|replace|annotate|label|apply|version"
BEGIN = re.compile(
    rf"(?P<group>\(umask 077; )?\b(?:ks-reset (?:{SUBCOMMANDS})(?![\w-])|helm --\w|"
    rf"kubectl (?:--\w|-n |(?:{KUBECTL_VERBS})\b))"
)
WORD = re.compile(r"""(?:'[^']*'|"[^"]*"|[^\s'"])+""")
CONTINUES = (
    *(
        "and",
        "at",
        "before",
        "binds",
        "brings",
        "cuts",
        "deletes",
        "does",
        "finds",
        "gives",
        "in",
        "is",
        "lets",
        "lists",
    ),
    *("makes", "mends", "names", "once", "or", "puts", "refuses", "releases", "removes", "says", "shows", "starts"),
    *("stops", "takes", "then", "to", "until", "with"),
)
"""Words after a command that continue the sentence. The value of a flag is none of them."""
ENDS, LEAD = ".,;:", " .,;:)"


WIDEST = 100
"""Longer lines of prose are hard to read."""
INDENT = 2


class Part(Struct, frozen=True):
    """A piece of a message."""

    text: str
    is_command: bool


def split_message(text: str) -> list[Part]:
    """The parts of a message in order, without the punctuation between them."""
    parts: list[Part] = []
    at = 0
    while match := BEGIN.search(text, at):
        end = _end_of_command(text, match)
        prose = text[at : match.start()].rstrip(" (").lstrip(LEAD if parts else "")
        parts += [Part(prose, False)] if prose else []
        parts.append(Part(text[match.start() : end], True))
        at = end
    rest = text[at:].strip().lstrip(LEAD if parts else "")
    return [*parts, Part(rest, False)] if rest else parts


def _end_of_command(text: str, begin: re.Match[str]) -> int:
    """Where the command ends: at the end of its sentence or bracket, or before the word that continues the sentence."""
    depth, end, flag = (1 if begin["group"] else 0), begin.start(), False
    for word, start in _words(text, begin.start()):
        if not flag and start > begin.start() and word in CONTINUES:
            return end
        if depth and word.endswith((")", ").", ");")):
            return start + word.index(")") + 1
        bare = word.rstrip(ENDS + ")") if not depth else word
        if bare != word:
            return start + len(bare)
        end, flag = start + len(word), word.startswith("-") and "=" not in word
    return end


def _words(text: str, start: int) -> Iterator[tuple[str, int]]:
    for match in WORD.finditer(text, start):
        yield match[0], match.start()


def wrap_prose(text: str, width: int, first: int, more: int | None = None) -> list[str]:
    """Lines with these indents, as wide as the terminal and not wider than WIDEST; a longer word stays whole."""
    wrapper = TextWrapper(min(width, WIDEST), " " * first, " " * (first if more is None else more))
    wrapper.break_long_words = wrapper.break_on_hyphens = False
    return wrapper.wrap(text)


def message_lines(text: str, width: int, column: int = 0) -> Iterator[str]:
    """The message from this column on: the prose wrapped, each command on one line."""
    for part in split_message(text):
        if part.is_command:
            yield f"{' ' * (column + INDENT)}{part.text}"
        else:
            yield from wrap_prose(part.text, width, column)


def print_message(text: str, console: Console) -> None:
    """Print a message for a person at a terminal; a line of its own begins at its own column."""
    for line in text.splitlines():
        for each in message_lines(line.strip(), console.width, len(line) - len(line.lstrip())):
            console.print(each, markup=False, soft_wrap=True)
