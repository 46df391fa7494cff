"""The templates that are plain text: Markdown and shell."""

from functools import cache

from jinja2 import Environment

from ks_reset.report.environments import template_environment
from ks_reset.report.runbook.shell import as_comment, quote_word

ESCAPED = "\\`*_[]<>|"
"""Characters with a meaning in Markdown; in a text taken from a cluster each gets a backslash."""


def as_line(text: object) -> str:
    """A text of ours on one line; it may have code in it."""
    return "".join(c if c.isprintable() else " " for c in str(text))


def as_cell(text: object) -> str:
    """A name or text of a cluster in a cell or a list of Markdown, with its characters escaped."""
    return "".join(f"\\{c}" if c in ESCAPED else c for c in as_line(text))


@cache
def text_environment() -> Environment:
    """The environment for Markdown and shell: nothing is escaped by itself."""
    return template_environment(escaped=False, line=as_line, cell=as_cell, word=quote_word, comment=as_comment)
