"""The document of a runbook, as Markdown or as a page to print."""

from functools import cache
from typing import Any

from jinja2 import Environment

from ks_reset.report.environments import template_environment
from ks_reset.report.plan import USERS, totals_line
from ks_reset.report.runbook.book import Book
from ks_reset.report.runbook.shell import quote_word

ESCAPED = "\\`*_[]<>|"
"""Characters with a meaning in Markdown; in a text taken from a cluster each gets a backslash."""


def render_markdown(book: Book, *, folder: bool = False) -> str:
    """The runbook as Markdown; with `folder` its files lie beside it."""
    return text_environment().get_template("runbook/runbook.md").render(_values(book, folder=folder))


def render_page(book: Book, *, folder: bool = False) -> str:
    """The runbook as one HTML page to print. It loads nothing, and everything in it is escaped."""
    return _page_environment().get_template("runbook/runbook.html").render(_values(book, folder=folder))


def _values(book: Book, *, folder: bool) -> dict[str, Any]:
    plan = book.plan
    return {
        "book": book,
        "plan": plan,
        "playbook": book.playbook,
        "chapters": book.chapters,
        "folder": folder,
        "flags": book.flags,
        "totals": totals_line(plan),
        "run": f"{plan.playbook}-{plan.digest[:16]}",
        "lost": [effect for effect in plan.foreseen if effect.whose in USERS],
        "rollbacks": [script for chapter in reversed(book.chapters) for script in reversed(chapter.rollback)],
    }


def as_line(text: object) -> str:
    """A text of ours on one line; it may have code in it."""
    return "".join(c if c.isprintable() else " " for c in str(text))


def as_cell(text: object) -> str:
    """A name or text of a cluster in a cell or a list of Markdown, with its characters escaped."""
    return "".join(f"\\{c}" if c in ESCAPED else c for c in as_line(text))


@cache
def text_environment() -> Environment:
    """The environment for Markdown and shell: nothing is escaped by itself."""
    return template_environment(escaped=False, line=as_line, cell=as_cell, word=quote_word)


@cache
def _page_environment() -> Environment:
    return template_environment(escaped=True, word=quote_word, code=_with_code)


def _with_code(text: str) -> Any:
    """Words of ours with `code` between backticks, as HTML; everything is escaped."""
    from markupsafe import Markup, escape

    parts = text.split("`")
    return Markup("").join(Markup("<code>{}</code>").format(p) if n % 2 else escape(p) for n, p in enumerate(parts))
