"""Titles of objects as a person reads them."""

import re
from datetime import UTC, datetime

from ks_reset.escape import one_line
from ks_reset.language import ENGLISH, chosen_language, translate, translate_phrase, translate_word
from ks_reset.report.commands import command_spans
from ks_reset.simulation.move import Effect

GROUP = re.compile(r"\b([A-Z]\w*)\.[a-z0-9.-]*[a-z0-9](?= \S)")
DEED = re.compile(rf"(.+?) ({'|'.join(Effect)}) it: (.*)", re.DOTALL)
"""A reason of a consequence, as `workflows/consequences.py` writes it into the plan."""
ANEW = re.compile(r" \(UID \S+\+\d+\)")


def without_api_groups(text: str) -> str:
    """The text without API groups of titles and without UIDs from the simulation; its commands stay as they are."""
    parts, at = [], 0
    for start, end in command_spans(text):
        parts += [_in_prose(text[at:start]), text[start:end]]
        at = end
    return "".join((*parts, _in_prose(text[at:])))


def _in_prose(text: str) -> str:
    return ANEW.sub(" (the one made anew)", GROUP.sub(r"\1", text))


def step_title(name: str) -> str:
    """The name of a step, by which flags and journals know it; with what it does before it in another language."""
    title = translate_word(name)
    return name if title == name else f"{title}（{name}）"


def time_text(text: str) -> str:
    """A time in ISO 8601 as it is; in another language as its readers write it, in UTC."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    if chosen_language() == ENGLISH:
        return text
    at = at.astimezone(UTC) if at.tzinfo else at
    return translate_phrase("{0}-{1}-{2} {3} UTC", at.year, at.month, at.day, f"{at:%H:%M:%S}")


def ending_text(why: str) -> str:
    """Why a run ended early, on one line; an interruption is in the journal by the name of its class."""
    if why.startswith("KeyboardInterrupt"):
        return translate_phrase("by Ctrl-C or a signal")
    return one_line(translate(why))


def count_text(count: int, kind: str) -> str:
    """`3 Namespace`."""
    return translate_phrase("{0} {1}", count, kind)


def consequence_reason(why: str) -> str:
    """The reason of a consequence in a plan, in the chosen language."""
    if match := DEED.fullmatch(why):
        actor, deed, reason = match.groups()
        return translate_phrase("{0} {1} it: {2}", translate_word(actor), translate_word(deed), translate(reason))
    return translate(why)
