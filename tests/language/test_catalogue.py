"""The Chinese catalogue: complete, and with the values, commands and marks that each text needs."""

import re
from string import Formatter

import polib
import pytest

from ks_reset.language import CATALOGUES
from ks_reset.language.messages import WORD
from ks_reset.language.words import WORDS
from ks_reset.report.commands import SUBCOMMANDS
from tools.messages import collected_texts

ENTRIES = list(polib.pofile(str(CATALOGUES["zh"])))
HAN = "[\u4e00-\u9fff]"
VERBATIM = re.compile(rf"\bks-reset (?:{SUBCOMMANDS})\b|--[a-z][a-z-]+|\bKS_RESET_[A-Z]+|\bspec\.\w+")
BESIDE = re.compile(rf"{HAN}[,.:;()]|[,;:()]{HAN}")


def values_of(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def test_the_catalogue_has_the_texts_of_the_code_and_no_others() -> None:
    """`python -m tools.messages` adds the new ones."""
    assert {e.msgid for e in ENTRIES if e.msgctxt != WORD} == set(collected_texts())
    assert [e.msgid for e in ENTRIES if e.msgctxt == WORD] == list(WORDS)


def test_every_text_has_a_translation() -> None:
    assert [e.msgid for e in ENTRIES if not e.msgstr] == []


@pytest.mark.parametrize("what", [values_of, VERBATIM.findall])
def test_a_translation_has_the_values_and_commands_of_its_text(what: object) -> None:
    differing = [e.msgid for e in ENTRIES if sorted(set(what(e.msgid))) != sorted(set(what(e.msgstr)))]  # type: ignore[operator]
    assert differing == []


def test_chinese_text_has_chinese_marks() -> None:
    assert [e.msgstr for e in ENTRIES if BESIDE.search(e.msgstr)] == []


def test_a_text_of_the_code_has_numbered_values() -> None:
    assert "{0} namespace(s) of {1} have no spec.finalizers" in collected_texts()
