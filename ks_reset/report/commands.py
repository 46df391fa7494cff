"""A message in parts: prose, and commands that are copied as they are, each on a line of its own."""

import re
from collections.abc import Iterator

from msgspec import Struct

from ks_reset.language import translate
from ks_reset.report.wrapping import wrap

SUBCOMMANDS = (
    "plan|apply|doctor|verify|explain|backup|check|snapshot|vault|memory|feasible|render|reset|runbook|report|catalogue|"
    "show|permissions|protect (?:on|off|status)|runs (?:list|show|logs)"
)
KUBECTL_VERBS = "get|describe|edit|delete|patch|create|scale|replace|annotate|label|apply|version|config"
BEGIN = re.compile(
    rf"(?P<group>\(umask 077; )?\b(?:(?:KS_RESET_\w+=\S+ )?ks-reset (?:{SUBCOMMANDS})(?![\w-])|helm --\w|"
    rf"kubectl (?:--\w|-n |(?:{KUBECTL_VERBS})\b))"
)
CHINESE = "\u3000-\u303f\u4e00-\u9fff\uff00-\uff60"
"""Chinese characters and marks: no command has one outside of quotes, so a text goes on there."""
HAN = re.compile(f"[{CHINESE}]")
WORD = re.compile(rf"""(?:'[^']*'|"[^"]*"|[^\s'"{CHINESE}])+|[{CHINESE}]+""")
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
ENDS, LEAD = ".,;:。，；：", " .,;:)。，；：）"


WIDEST = 100
"""Longer lines of prose are hard to read."""
INDENT = 2
COUNT = re.compile(r"(?<![\w.])(\d+) (?=[A-Z])")


class Part(Struct, frozen=True):
    """A piece of a message."""

    text: str
    is_command: bool


def command_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where each command of a message begins and ends."""
    at = 0
    while match := BEGIN.search(text, at):
        at = _end_of_command(text, match)
        yield match.start(), at


def split_message(text: str) -> list[Part]:
    """The parts of a message in order, without the punctuation between them."""
    text = translate(text)
    parts: list[Part] = []
    at = 0
    for start, end in command_spans(text):
        prose = text[at:start].rstrip(" (（").lstrip(LEAD if parts else "")
        parts += [Part(prose, False)] if prose else []
        parts.append(Part(text[start:end], True))
        at = end
    rest = text[at:].strip().lstrip(LEAD if parts else "")
    return [*parts, Part(rest, False)] if rest else parts


def _end_of_command(text: str, begin: re.Match[str]) -> int:
    """Where the command ends: at the end of its sentence or bracket, or before the word that continues the sentence."""
    depth, end, flag = (1 if begin["group"] else 0), begin.start(), False
    for word, start in _words(text, begin.start()):
        if HAN.match(word) or (not flag and start > begin.start() and word in CONTINUES):
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


def wrap_prose(text: str, width: int, first: int, more: int | None = None, widest: int = WIDEST) -> list[str]:
    """Lines with these indents, as wide as the terminal and not wider than `widest`; a longer word stays whole.

    One line if the width is 0.
    """
    text = translate(text)
    if not width:
        return [f"{' ' * first}{text.strip()}"] if text.strip() else []
    return wrap(text, min(width, widest), " " * first, " " * (first if more is None else more))


def wrap_counts(text: str, width: int, first: int, more: int) -> list[str]:
    """As wrap_prose, and as wide as the terminal; a count stays beside its kind."""
    kept = COUNT.sub("\\1\u00a0", text)
    return [line.replace("\u00a0", " ") for line in wrap_prose(kept, width, first, more, widest=width)]


def message_lines(text: str, width: int, column: int = 0, widest: int = WIDEST) -> Iterator[str]:
    """The message from this column on: the prose wrapped, each command on one line."""
    for part in split_message(text):
        if part.is_command:
            yield f"{' ' * (column + INDENT)}{part.text}"
        else:
            yield from wrap_prose(part.text, width, column, widest=widest)
