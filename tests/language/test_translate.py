"""A message is found again in the text that was made from it, and a text that was not stays as it is."""

from collections.abc import Iterator
from pathlib import Path

import polib
import pytest

from ks_reset.language import language_of, translate, translate_word, use_language
from ks_reset.language.messages import Messages, is_distinct, read_messages


@pytest.fixture
def chinese() -> Iterator[None]:
    use_language("zh")
    yield
    use_language("en")


def messages_of(folder: Path, texts: dict[str, str]) -> Messages:
    catalogue = polib.POFile()
    catalogue.extend(polib.POEntry(msgid=text, msgstr=translation) for text, translation in texts.items())
    catalogue.save(str(folder / "xx.po"))
    return read_messages(folder / "xx.po")


MESSAGES = {
    "{0} object(s) of {1} stay in deletion": "B {1} A {0}",
    "The owner is gone": "ALPHA",
    "Start the controller: {0}.": "BETA: {0}.",
    "{0} Nothing was sent. {1}": "{0} GAMMA. {1}",
    "it is not there": "DELTA",
    "cannot be read: {0}": "EPSILON: {0}",
}


@pytest.mark.parametrize(
    ("text", "translation"),
    [
        ("3 object(s) of host stay in deletion", "B host A 3"),
        ("The owner is gone", "ALPHA"),
        ("  The owner is gone.", "  ALPHA."),
        ("The owner is gone. Start the controller: kubectl scale x.", "ALPHA. BETA: kubectl scale x."),
        ("The owner is gone. Somebody knows why. The owner is gone.", "ALPHA. Somebody knows why. ALPHA."),
        ("Nothing was sent.", "GAMMA."),
        ("The owner is gone. It is late. Nothing was sent. The owner is gone", "ALPHA. It is late. GAMMA. ALPHA"),
        ("notes.yaml cannot be read: it is not there", "notes.yaml EPSILON: DELTA"),
        ("cannot be read: it is not there (twice)", "EPSILON: DELTA (twice)"),
        ("The owner is gone\nand this is a line of its own", "ALPHA\nand this is a line of its own"),
        ("a text that no message fits", "a text that no message fits"),
    ],
)
def test_a_text_is_translated_by_the_messages_it_was_made_from(tmp_path: Path, text: str, translation: str) -> None:
    assert messages_of(tmp_path, MESSAGES).translate(text) == translation


def test_a_name_from_a_cluster_is_never_translated(chinese: None) -> None:
    assert [translate(name) for name in ("critical", "host", "delete", "found", "passed")] == [
        "critical",
        "host",
        "delete",
        "found",
        "passed",
    ]
    assert translate_word("critical") == "严重"


def test_a_value_with_markup_or_braces_stays_as_it_is(chinese: None) -> None:
    assert translate("{0} namespace(s) of [bold]{1} have no spec.finalizers").startswith("[bold]{1} ")


def test_a_message_with_few_letters_of_its_own_is_none() -> None:
    assert [is_distinct(text) for text in ("{0} as {1} in {2}", "left on {0}: {1}", "it was {0}", "as it is")] == [
        False,
        True,
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.GBK", "LC_ALL": "C"}, "en"),
        ({"LC_MESSAGES": "zh_TW"}, "zh"),
        ({"KS_RESET_LANG": "en", "LANG": "zh_CN"}, "en"),
        ({"KS_RESET_LANG": "zh", "LC_ALL": "de_DE.UTF-8"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
    ],
)
def test_the_environment_chooses_the_language(environment: dict[str, str], language: str) -> None:
    assert language_of(environment) == language
