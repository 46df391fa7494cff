"""The environment of the templates of reports."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

FOLDER = Path(__file__).parent / "templates"


def template_environment(*, escaped: bool, **filters: Callable[[str], Any]) -> Environment:
    """An environment of the templates with these filters; `escaped` is for HTML and SVG."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=escaped,  # noqa: S701 - Markdown and shell are escaped by filters
    )
    environment.filters |= filters
    return environment
