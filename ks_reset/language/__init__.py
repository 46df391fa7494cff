"""The language of messages. They are English in the code, and become another language on the way to a person.

So plans, journals, digests and JSON are the same in every language. A catalogue is a PO file of gettext: its msgids are
the texts of the code, with `{0}`, `{1}` … for the values (`python -m tools.messages` collects them). A text without
a translation stays English.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from ks_reset.language.messages import FULL, Messages, read_messages

ENGLISH = "en"
CATALOGUES = {"zh": Path(__file__).with_name("zh.po")}
TAGS = {"zh": "zh-CN"}
"""The languages as HTML names them, where that is another word."""
LANGUAGES = (ENGLISH, *CATALOGUES)
VARIABLES = ("KS_RESET_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
"""In the order of gettext(3); the first one that is set decides."""

_CHOSEN = [ENGLISH]


def language_of(environment: Mapping[str, str]) -> str:
    """The language that these variables ask for; English for one without a catalogue."""
    asked = next((value for name in VARIABLES if (value := environment.get(name))), ENGLISH)
    name = asked.replace("-", "_").partition("_")[0].partition(".")[0].lower()
    return name if name in LANGUAGES else ENGLISH


def use_language(name: str) -> None:
    """Translate into this language, one of LANGUAGES, from now on."""
    _CHOSEN[0] = name
    translate.cache_clear()


def chosen_language() -> str:
    """The language of messages, one of LANGUAGES."""
    return _CHOSEN[0]


def join_sentences(*sentences: str) -> str:
    """The sentences, with a space between them unless one ends with a full-width mark."""
    joined = ""
    for sentence in filter(None, sentences):
        joined += f"{'' if joined.endswith(tuple(FULL)) or not joined else ' '}{sentence}"
    return joined


def language_tag() -> str:
    """The chosen language for the attribute `lang` of a page."""
    return TAGS.get(chosen_language(), chosen_language())


@lru_cache(maxsize=4096)
def translate(text: str) -> str:
    """The message in the chosen language; unchanged without a translation."""
    messages = _chosen_messages()
    return messages.translate(text) if messages else text


def translate_word(word: str) -> str:
    """A heading, a name of ours or a message without values. A name from a cluster is not to be given here."""
    messages = _chosen_messages()
    return messages.words.get(word) or messages.whole.get(word, word) if messages else word


def translate_phrase(text: str, *values: object) -> str:
    """This text in the chosen language with these values in the places of `{0}`, `{1}` …, as they are.

    For texts that are too short to be found again in what was made from them; `python -m tools.messages` collects the
    calls of this function by its name.
    """
    messages = _chosen_messages()
    return (messages.phrases.get(text, text) if messages else text).format(*values)


def join_words(words: Iterable[str]) -> str:
    """The words as a list, with the comma of the chosen language."""
    return translate_phrase(", ").join(words)


def _chosen_messages() -> Messages | None:
    return None if _CHOSEN[0] == ENGLISH else _load(_CHOSEN[0])


@lru_cache
def _load(name: str) -> Messages:
    return read_messages(CATALOGUES[name])
