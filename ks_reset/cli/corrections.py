"""A refused call, corrected: the whole call with the changes that an error names."""

import re
import shlex
from collections.abc import Sequence

from ks_reset.errors import Correction, ResetError, Retry, Unknown
from ks_reset.language import join_sentences, translate_phrase
from ks_reset.report.commands import command_spans
from ks_reset.report.refusals import reason_of

SAME_COMMAND = re.compile(r"\b(?:same command|apply the plan again)\b")
VARIABLE = re.compile(r"KS_RESET_\w+=\S+")


def with_corrected_calls(message: str, error: ResetError, line: str) -> str:
    """The message of an error, or a part of it, and after it the call with each of the corrections of the error."""
    lines = dict.fromkeys(filter(None, (corrected_call(line, each) for each in error.corrections)))
    if line in lines:
        return join_sentences(message, translate_phrase("Once that is mended, type: {0}.", line))
    first = [translate_phrase("Type: {0}.", each) for each in lines][:1]
    others = [translate_phrase("Or: {0}.", each) for each in lines][1:]
    return join_sentences(message, *first, *others)


def add_look_at_cluster(error: ResetError, context: Sequence[str]) -> None:
    """Add the way on to a message of a cluster without a command: the same call, once kubectl gets an answer."""
    if not isinstance(error, Unknown | Retry) or not (context and error.args) or error.told or error.corrections:
        return
    message = str(error.args[0])
    if any(command_spans(message)) or SAME_COMMAND.search(message):
        return
    again = "When this is settled, run the same command again."
    if not reason_of(message).way_on:
        again = (
            f"See that the API server answers: kubectl --context {shlex.quote(context[0])} get namespaces. Then run "
            "the same command again."
        )
    error.args = (f"{message.rstrip('.')}. {again}", *error.args[1:])


def corrected_call(line: str, correction: Correction) -> str:
    """The call with one correction; "" where it does not have the words to replace, and nothing can be added."""
    words, given, then = shlex.split(line), _words_of(correction.given), _words_of(correction.then)
    if VARIABLE.fullmatch(correction.then):
        return f"{correction.then} {line}"
    if not given:
        return shlex.join([*words, *then])
    for at in reversed(range(len(words))):  # flags are last, and a name of a command may be a value too
        here = words[at : at + _length_at(words, at, given)]
        if (new := _replaced(here, given, then)) is not None:
            return shlex.join([*words[:at], *new, *words[at + len(here) :]])
    return shlex.join([*words, *then]) if correction.then.startswith("--") else ""


def _length_at(words: Sequence[str], at: int, given: Sequence[str]) -> int:
    """How many words to replace here: a flag alone stands for the flag with its value."""
    is_flag = len(given) == 1 and given[0].startswith("--")
    return 2 if is_flag and at + 1 < len(words) and not words[at + 1].startswith("--") else len(given)


def _replaced(here: Sequence[str], given: Sequence[str], then: Sequence[str]) -> Sequence[str] | None:
    """What comes in the place of the words of the call here, which may have more values; None if others were given."""
    if here == given or [here[0]] == given:
        return then
    if len(here) != len(given) or here[:-1] != given[:-1]:
        return None
    name, sign, value = here[-1].partition("=")
    if len(given) == 1:
        return [f"{name}={then[0]}"] if sign and value == given[0] and then else None
    several = here[-1].split(",") if len(given) > 1 else []
    if given[-1] not in several:
        return None
    kept = [each for each in several if each != given[-1]]
    return [here[0], ",".join([*kept, *then[1:]])]


def _words_of(text: str) -> Sequence[str]:
    """Flags, each with its value, which may have blanks; or a value alone."""
    flags = re.split(r" (?=--)", text) if text.startswith("--") else [text]
    return [word for flag in flags for word in (flag.split(" ", 1) if flag.startswith("--") else [flag]) if word]
