"""The messages of a catalogue, and the search for the one that a text was made from.

A text is compared with every message as a pattern, in which each `{0}` stands for any value. The message with the most
letters of its own wins, and its values are translated in the same way. A text of several messages is cut at the ends of
its sentences.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

from msgspec import Struct

WORD = "word"
"""The msgctxt of a single word, which is translated only on demand: an object in a cluster may have it as its name."""
PROSE = re.compile(r"[A-Za-z]{2,}[^A-Za-z]+[a-z]{2,}")
SENTENCE_END = re.compile(r"(?<=[.!?:;,])\s+|\s+(?=\()")
SENTENCES_PRECEDE = re.compile(r"(?:^|[.!?:] )\Z")
SENTENCES_FOLLOW = re.compile(r"\Z| [A-Z]")
ONE_SENTENCE = r"(?:(?![.!?] ).)*?"
NO_WORD = r"(?!\w)"
"""After a full stop a value begins with a space, or is empty; else the stop is inside of a name."""
EDGE = " \t\n.,;:()!?'\"…·"
FEWEST, FEWEST_AFTER_WORDS = 8, 5
"""Letters of a message with values, and of one that begins with words; others fit texts not made from them."""
DEEPEST = 4
"""Values within values."""
NAME = re.compile(r"[./_\d-]")
"""A word with one of these is a name."""
IS_HAN = re.compile("[\u4e00-\u9fff]")
FULL_WIDTH = str.maketrans(".,:;()", "。，：；（）")
FULL = "。！？：；，"
"""After these marks no space follows."""


class Message(Struct, frozen=True):
    """A message as a pattern: `needle` is its longest own text, `letters` the number of its own letters."""

    pattern: re.Pattern[str]
    needle: str
    letters: int
    translation: str

    def values_in(self, text: str) -> tuple[str, ...] | None:
        """The values of a text made from this message; None for another text."""
        found = self.pattern.fullmatch(text) if self.needle in text else None
        groups = found.groupdict("") if found else {}
        return tuple(groups[name] for name in sorted(groups, key=_number)) if found else None


class Messages(Struct, frozen=True):
    """The messages of a language, those with the most letters first, and its single words."""

    patterns: tuple[Message, ...]
    whole: dict[str, str]
    words: dict[str, str]

    def translate(self, text: str, depth: int = 0) -> str:
        """The text in this language; what no message fits stays as it is."""
        if not PROSE.search(text) or depth > DEEPEST:
            return text
        if "\n" in text and (found := self._fitting(text, depth)) is not None:
            return found
        if "\n" in text:
            return "\n".join(self.translate(line, depth) for line in text.split("\n"))
        bare = text.strip()
        lead, trail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        return f"{lead}{self._one(bare, depth) or self._sentences(bare, depth)}{trail}"

    def _one(self, text: str, depth: int) -> str | None:
        """The translation of a text that is one message, with or without the marks around it."""
        if (found := self._fitting(text, depth)) is not None:
            return found
        bare = text.strip(EDGE)
        found = (self._fitting(bare, depth) or self._fitting(f"{bare}.", depth) or "").rstrip(".。")
        before, _, after = text.partition(bare)
        return f"{before}{found}{after.translate(FULL_WIDTH) if IS_HAN.search(found[-1]) else after}" if found else None

    def _fitting(self, text: str, depth: int) -> str | None:
        if text in self.whole:
            return self.whole[text]
        for message in self.patterns:
            if (values := message.values_in(text)) is not None:
                return message.translation.format(*(self.translate(value, depth + 1) for value in values)).strip()
        return None

    def _sentences(self, text: str, depth: int) -> str:
        """Each run of sentences that is a message, the longest first; other sentences as they are."""
        parts, done, at = SENTENCE_END.split(text), "", 0
        while at < len(parts):
            end, found = self._run_from(parts, at, depth)
            done += found if not done or done[-1] in FULL else f" {found}"
            at = end
        return done

    def _run_from(self, parts: list[str], at: int, depth: int) -> tuple[int, str]:
        """Where the longest run that is a message ends, and its translation; one part, if it is none.

        What follows a name may be a message too: `installer.yaml cannot be read`.
        """
        for end in range(len(parts), at, -1):
            text = " ".join(parts[at:end])
            if end - at < len(parts) and (found := self._one(text, depth)) is not None:
                return end, found
            name, _, rest = text.partition(" ")
            if NAME.search(name) and PROSE.search(rest) and (found := self._one(rest, depth)) is not None:
                return end, f"{name} {found}"
        return at + 1, parts[at]


def read_messages(path: Path) -> Messages:
    """The messages of a PO file that have a translation."""
    import polib  # not needed for English

    entries = [entry for entry in polib.pofile(str(path)) if entry.msgstr and not entry.obsolete]
    texts = {entry.msgid: entry.msgstr for entry in entries if entry.msgctxt != WORD}
    patterns = sorted(filter(None, map(_as_pattern, texts.items())), key=lambda message: -message.letters)
    whole = {key.format(): text.format() for key, text in texts.items() if not has_values(key)}
    return Messages(tuple(patterns), whole, {e.msgid: e.msgstr for e in entries if e.msgctxt == WORD})


def has_values(message: str) -> bool:
    return any(name is not None for _, name, _, _ in Formatter().parse(message))


def is_distinct(message: str) -> bool:
    """Whether a message has letters enough of its own to be told from other texts."""
    own = [literal for literal, *_ in Formatter().parse(message)]
    fewest = FEWEST_AFTER_WORDS if PROSE.match(own[0]) else FEWEST
    return not has_values(message) or sum(map(str.isalpha, "".join(own))) >= fewest


def _as_pattern(pair: tuple[str, str]) -> Message | None:
    message, translation = pair
    if not has_values(message):
        return None
    own = [literal for literal, *_ in Formatter().parse(message)]
    pattern = re.compile("".join(_expressions(message)), re.DOTALL)
    return Message(pattern, max(own, key=len).strip(), sum(map(str.isalpha, "".join(own))), translation)


def _expressions(message: str) -> Iterator[str]:
    """The parts of the expression. A value in the place of whole sentences may be several of them, or none."""
    parts = [(literal, name) for literal, name, _, _ in Formatter().parse(message)]
    skipped = ""
    for number, (literal, name) in enumerate(parts):
        own = literal.removeprefix(skipped)
        following = parts[number + 1][0] if number + 1 < len(parts) else ""
        skipped = ""
        if name is None:
            yield re.escape(own)
        elif not SENTENCES_FOLLOW.match(following) or not SENTENCES_PRECEDE.search(literal):
            apart = NO_WORD if literal.endswith(".") else ""
            yield f"{re.escape(own)}{apart}(?P<v{name}>{ONE_SENTENCE})"
        elif literal:
            yield f"{re.escape(own.removesuffix(' '))}(?: (?P<v{name}>.*?))?"
        else:
            skipped = following[:1]
            yield f"(?:(?P<v{name}>.*?){re.escape(skipped)})?"


def _number(group: str) -> int:
    return int(group[1:])
