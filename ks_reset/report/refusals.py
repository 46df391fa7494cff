"""A refusal as a person reads it: its message in the parts of a finding.

A message has the refusal up to a colon, then the observation, its consequence, and the way on (`ks_reset/errors.py`).
At a terminal prose is wrapped; elsewhere each part is one line, with its commands below it.
"""

import re
from collections.abc import Iterable, Iterator

from rich.console import Console

from ks_reset.errors import Reason, Refused, ResetError, Stale, Stopped, Told, Unknown
from ks_reset.language import translate
from ks_reset.report.commands import INDENT, command_spans, message_lines, wrap_prose
from ks_reset.report.layout import COLUMN, FOLLOWS, SEEN, WAY_ON, print_part, print_title

STYLES = {
    Unknown: "bold magenta",
    Refused: "bold red",
    Stale: "bold yellow",
    Stopped: "bold yellow",
}
"""By family; other errors are about the call or this machine."""
SENTENCE = re.compile(r"""(?<=[.!?])\s+(?=[A-Z0-9(\["']|(?:ks-reset|kubectl|helm) )""")
FOLLOW = re.compile(
    r"Nothing (?:was|is|else|more|depends)\b|So whether|The (?:run|seatbelt|others|approved)\b|It counts|What follows"
)
WAY = re.compile(
    r"(?:To|If|Or|Then|Now|First|Once|Did|Add|Ask|Apply|Bind|Bring|Call|Change|Check|Choose|Close|Correct|Cut|Delete|"
    r"Do|Find|Finish|Follow|Free|Give|Install|Keep|Leave|Let|List|Log|Look|Make|Mend|Mount|Move|Name|Press|Put|Raise|"
    r"Read|Release|Remove|Repair|Restore|Run|Save|Say|See|Send|Set|Start|Stop|Switch|Take|Tell|Try|Type|Use|Verify|Wait|"
    r"Which|The same command|With)\b"
)
NEW_PLAN = re.compile(r"\bmake a new plan\b", re.I)
LINK = re.compile(r"\s+\d+\. ")


def print_error(error: ResetError, console: Console, call: str = "", new_plan: str = "") -> None:
    """Print an error: title, what was seen, what follows and the way on; with several reasons each of them.

    An error about the call itself is sentences, as it is. `call` is the call as typed, shown if a refusal has no way
    on; `new_plan` is the command for the plan anew, shown if the message asks for it without a command.
    """
    width = console.width if console.is_terminal else 0
    style = next((style for family, style in STYLES.items() if isinstance(error, family)), "")
    if not style:
        _print_sentences(f"ks-reset: {error}", console, width)
        return
    told = told_of(error)
    if not told.head:
        told = told._replace(reasons=tuple(_with_command(reason, call, new_plan) for reason in told.reasons))
    print_told("ks-reset:", told, console, style, width)


def told_of(error: ResetError) -> Told:
    """The reasons of an error; those of one without any are the parts of its message."""
    return error.told or Told("", (reason_of(str(error)),))


def print_told(lead: str, told: Told, console: Console, style: str, width: int) -> None:
    """Print the head with `lead` in front, and each reason with its number; or a single reason in place of the head."""
    if told.head:
        print_title(console, lead, told.head, style, width)
    for number, reason in enumerate(told.reasons, 1):
        if told.head:
            console.print()
        print_title(console, f"{number}." if told.head else lead, reason.title, "bold" if told.head else style, width)
        _print_parts(reason, console, width)
    if told.then:
        console.print()
        print_part(console, WAY_ON, message_lines(told.then, width, COLUMN))


def _print_sentences(text: str, console: Console, width: int) -> None:
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip())
        for each in message_lines(line.strip(), width, indent) if width else [line]:
            console.print(each, markup=False, soft_wrap=True)


def _with_command(reason: Reason, call: str, new_plan: str) -> Reason:
    if call and not reason.way_on:
        return reason._replace(way_on=f"To try again: {call}")
    if new_plan and NEW_PLAN.search(reason.way_on) and "ks-reset plan" not in reason.way_on:
        return reason._replace(way_on=f"{reason.way_on}\nThe new plan: {new_plan}")
    return reason


def _print_parts(reason: Reason, console: Console, width: int) -> None:
    seen = (wrap_prose(_observation_text(line), width, COLUMN, COLUMN + INDENT) for line in reason.seen)
    print_part(console, SEEN, (line for lines in seen for line in lines))
    print_part(console, FOLLOWS, wrap_prose(reason.follows, width, COLUMN))
    print_part(console, WAY_ON, _way_lines(reason.way_on, width))


def _observation_text(line: str) -> str:
    """`prod: Kind ns/name field = value` with field and value translated; any other line as it is."""
    place, sign, value = line.partition(" = ")
    words = place.split(" ")
    fields = [(at, " ".join(words[at:])) for at in range(2, len(words))] if sign else []
    for at, field in fields:
        if (told := translate(field)) != field:
            return f"{' '.join(words[:at])} {told} = {translate(value)}"
    return line


def _way_lines(text: str, width: int) -> Iterator[str]:
    for line in text.splitlines():
        yield from message_lines(line.strip(), width, COLUMN)


def reason_of(message: str) -> Reason:
    """The parts of a message. Every sentence of it is in one of them; what no rule knows counts as seen."""
    title, seen, follows, way_on = "", list[str](), list[str](), list[str]()
    for line in message.splitlines():
        if LINK.match(line):
            seen.append(line.strip())
            continue
        here: list[str] = []
        for sentence in _sentences(line.strip()):
            if not title:
                title, rest = _title_and_rest(sentence)
                seen += [rest] if rest else []
            elif sentence.startswith("The chain"):
                seen.append(sentence)
            elif FOLLOW.match(sentence):
                follows.append(sentence)
            elif here or way_on or WAY.match(sentence) or any(command_spans(sentence)):
                here.append(sentence)
            else:
                seen.append(sentence)
        way_on += [" ".join(here)] if here else []
    return Reason(title, tuple(_joined(seen)), " ".join(follows), "\n".join(way_on))


def _title_and_rest(sentence: str) -> tuple[str, str]:
    """What stands before the first colon, and the rest; the whole sentence if its colon is in brackets or a command."""
    spans = list(command_spans(sentence))
    for match in re.finditer(r": ", sentence):
        at = match.start()
        before = sentence[:at]
        if before.count("(") == before.count(")") and not any(start <= at < end for start, end in spans):
            return before, sentence[at + 2 :]
    return sentence.removesuffix("."), ""


def _sentences(text: str) -> Iterator[str]:
    """The sentences of a line; a full stop in a command ends none."""
    spans, at = list(command_spans(text)), 0
    for match in SENTENCE.finditer(text):
        if not any(start <= match.start() < end for start, end in spans):
            yield text[at : match.start()]
            at = match.end()
    if text[at:]:
        yield text[at:]


def _joined(seen: Iterable[str]) -> Iterator[str]:
    """Sentences one after the other on one line; a link of a chain has a line of its own."""
    prose: list[str] = []
    for text in seen:
        if re.match(r"\d+\. ", text):
            yield from [" ".join(prose)] if prose else []
            prose = []
            yield text
        else:
            prose.append(text)
    yield from [" ".join(prose)] if prose else []
