"""What is still English in a Chinese text."""

import re

HIDDEN = re.compile(
    r"<(style|script|pre|code)\b.*?</\1>|<[^>]*>|```.*?```|`[^`]*`|^ *(?:ks-reset|kubectl|helm) .*?$",
    re.DOTALL | re.MULTILINE,
)
"""Code, markup and commands."""
ENGLISH = re.compile(r"(?<![\w./-])[A-Za-z]{2,}(?:,? [a-z]{2,}(?![\w./=-])){2,}")
"""Three words in a row, those after the first in small letters."""
SAID = re.compile(
    r"""(?:echo|say|read -r -p) "([^"]*)"|^\#\ (?!shellcheck)(.*)|[{}] \# (.*)|printf 'NOT PROVEN: ([^']*)'""",
    re.MULTILINE,
)
"""Comments of a shell script, and what it prints."""


def english_in(text: str) -> list[str]:
    """Each run of English words outside of code and commands."""
    return sorted({found[0] for found in ENGLISH.finditer(HIDDEN.sub(" ", text))})


def prose_of(script: str) -> str:
    """What a person reads of a shell script, a line each."""
    return "\n".join("".join(parts) for parts in SAID.findall(script))
