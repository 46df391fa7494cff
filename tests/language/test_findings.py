"""Every finding in Chinese: nothing of it stays English, and its commands are those of the English one."""

import re
from collections.abc import Iterator

import pytest

from ks_reset.cli.way_on import Call, complete_commands
from ks_reset.language import use_language
from ks_reset.report.commands import split_message
from ks_reset.report.wrapping import wrap
from tests.findings.test_rules import CASES, findings_of

ENGLISH = re.compile(r"\b[a-z]{2,}(?: [a-z]{2,}){3,}\b")
"""Four words in a row."""


@pytest.fixture
def chinese() -> Iterator[None]:
    use_language("zh")
    yield
    use_language("en")


def commands_in(text: str) -> list[str]:
    return [part.text for part in split_message(complete_commands(text, Call())) if part.is_command]


def test_no_sentence_of_a_finding_stays_english(chinese: None) -> None:
    texts = {text for case in CASES for f in findings_of(case) for text in (f.title, f.next, f.cure)}
    prose = {part.text for text in texts for part in split_message(text) if not part.is_command}
    assert len(texts) > 300
    assert sorted(text for text in prose if ENGLISH.search(text)) == []


def test_the_commands_of_a_finding_are_the_same_in_both_languages() -> None:
    findings = [finding for case in CASES for finding in findings_of(case)]
    english = [sorted(commands_in(finding.cure)) for finding in findings]
    use_language("zh")
    try:
        chinese = [sorted(commands_in(finding.cure)) for finding in findings]
    finally:
        use_language("en")
    assert sum(map(len, english)) > 200
    assert [(e, c) for e, c in zip(english, chinese, strict=True) if e != c] == []


def test_a_chinese_line_is_as_wide_as_the_terminal_and_begins_with_no_closing_mark() -> None:
    text = "某个 kubefed 的记录指向同一个集群，因此它会删除并重新创建 Workspace，每次都有新的 UID。" * 3
    lines = wrap(text, 40, "  ", "    ")
    assert all(len(line.encode("gbk")) <= 42 for line in lines)
    assert [line for line in lines if line.strip()[0] in "，。；：）"] == []
    assert "".join(line.strip() for line in lines).replace(" ", "") == text.replace(" ", "")
