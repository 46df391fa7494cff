"""Texts from clusters, files and programs, made harmless for the place where they are shown: a function for each exit.

An object's name may hold `$(…)`, an escape sequence, or characters that turn the direction of the text around them.
RBAC allows every name without `/` and `%` (kubernetes v1.34.4, staging/src/k8s.io/apimachinery/pkg/api/validation/path/
name.go, IsValidPathSegmentName).
"""

import re

from ks_reset.limits import ERROR_TEXT

INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)
"""Controls, but not tab and line end; soft hyphen, zero widths, bidi controls, tags, and halves of characters."""
USERINFO = re.compile(r"(?<=://)[^/?#\s]*@")
LONGEST = 20_000
"""Characters of one message on the terminal."""


def for_terminal(text: str) -> str:
    r"""The text with invisible characters as `\x1b` or `\u202e`; tabs and line ends stay."""
    return INVISIBLE.sub(_as_escape, text)


def for_message(text: str) -> str:
    """The same, cut after LONGEST characters; the end says so."""
    shown = for_terminal(text)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}… (cut after {LONGEST} characters)"


def one_line(text: str, limit: int = ERROR_TEXT) -> str:
    """A text of a server or a program in one line, cut after `limit` characters."""
    kept = " ".join(for_terminal(text[: 4 * limit]).split())
    return kept if len(kept) <= limit else f"{kept[:limit]}…"


def for_json(text: str) -> str:
    r"""JSON with invisible characters inside its texts as `\u202e`."""
    return INVISIBLE.sub(_as_json, text)


def without_userinfo(url: str) -> str:
    """A URL without user and password."""
    return USERINFO.sub("", url, count=1)


def for_dot(text: str) -> str:
    """A quoted text of DOT."""
    quoted = for_terminal(text).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + quoted.replace("\n", "\\n") + '"'


def _as_escape(match: re.Match[str]) -> str:
    number = ord(match[0])
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _as_json(match: re.Match[str]) -> str:
    halves = match[0].encode("utf-16-be", "surrogatepass").hex(" ", 2).split()
    return "".join(f"\\u{half}" for half in halves)
