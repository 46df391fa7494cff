"""The environment of the templates of reports, with their texts in the chosen language."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ks_reset.language import language_tag, translate, translate_phrase, translate_word
from ks_reset.report.titles import consequence_reason, step_title, time_text

FOLDER = Path(__file__).parent / "templates"
VALUE = re.compile(r"%\((\w+)\)s")
"""A value in a text of jinja2's extension i18n."""


def template_environment(*, escaped: bool, **filters: Callable[[str], Any]) -> Environment:
    """An environment of the templates with these filters; `escaped` is for HTML and SVG.

    Texts of a template stand in `{% trans %}` or `_("…")`; texts from the code get the filter `translated`, and single
    words of ours `translated_word`.
    """
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=escaped,  # noqa: S701 - Markdown and shell are escaped by filters
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(translate_template_text, _translate_count, newstyle=True)  # type: ignore[attr-defined]
    environment.globals["language"] = language_tag
    environment.filters |= {
        "translated": translate,
        "translated_word": translate_word,
        "step": step_title,
        "reason": consequence_reason,
        "moment": time_text,
        **filters,
    }
    return environment


def number_values(text: str) -> tuple[str, list[str]]:
    """The text with `{0}`, `{1}` … for `%(name)s`, as a catalogue has it, and the names in this order."""
    names = list(dict.fromkeys(VALUE.findall(text)))
    braced = text.replace("{", "{{").replace("}", "}}")
    return VALUE.sub(lambda match: f"{{{names.index(match[1])}}}", braced), names


def translate_template_text(text: str) -> str:
    """A text of a template in the chosen language, with its values still to be filled in."""
    numbered, names = number_values(text)
    return translate_phrase(numbered, *(f"%({name})s" for name in names))


def _translate_count(one: str, several: str, count: int) -> str:
    return translate_template_text(one if count == 1 else several)
