"""The encoding of stdout and stderr, where Python does not take that of the locale.

Without the data of a locale on the machine, as in a container or on a small bastion, setlocale(3) fails, and Python
writes UTF-8 (PEP 538 and 540). A terminal in GBK shows that as other characters. The codeset named by the
environment is that of the terminal all the same.
"""

from collections.abc import Mapping
from io import TextIOWrapper
from typing import TextIO

VARIABLES = ("LC_ALL", "LC_CTYPE", "LANG")
"""In the order of setlocale(3); the first one that is set decides."""
CHINESE_CODESETS = {"gbk": "gbk", "gb2312": "gbk", "cp936": "gbk", "gb18030": "gb18030"}
"""The codesets of Chinese terminals, and the codec that writes what they show: GBK has all of GB 2312, and no `✓`."""
COERCED = ("C.UTF-8", "C.utf8", "UTF-8")
"""What Python itself puts into LC_CTYPE if setlocale fails."""
OF_PYTHON = ("PYTHONIOENCODING", "PYTHONUTF8")


def encoding_of(environment: Mapping[str, str]) -> str:
    """The codec for the Chinese codeset that the environment names; "" for another, or if Python was told its own."""
    if any(environment.get(name) for name in OF_PYTHON):
        return ""
    named = (environment.get(name, "") for name in VARIABLES)
    locale = next((value for value in named if value and value not in COERCED), "")
    codeset = locale.partition(".")[2].partition("@")[0].lower().replace("-", "").replace("_", "")
    return CHINESE_CODESETS.get(codeset, "")


SAMPLES = {"zh": "中文"}
"""Characters of a language that an encoding for it has."""


def can_show(language: str, stream: TextIO) -> bool:
    """Whether the encoding of the stream has the characters of a language; else each would be an escape."""
    try:
        SAMPLES.get(language, "").encode(stream.encoding or "utf-8")
    except UnicodeError:
        return False
    return True


def use_encoding_of_terminal(stream: TextIO, environment: Mapping[str, str]) -> None:
    """Write what the terminal shows; a character that the encoding lacks becomes its escape, and ends no command."""
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(encoding=encoding_of(environment) or None, errors="backslashreplace")
