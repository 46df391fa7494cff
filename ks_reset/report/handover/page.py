"""The report as one HTML page: nothing is loaded, and every name in it is text."""

from functools import cache
from typing import Any

import msgspec
from jinja2 import Template
from markupsafe import Markup

from ks_reset.report import picture
from ks_reset.report.environments import FOLDER, template_environment
from ks_reset.report.handover.summary import summary_of
from ks_reset.workflows.run_report import RunReport


def render_report_page(report: RunReport) -> str:
    """The page. Its tables are drawn by the script in it, one sheet of rows at a time, from JSON in the page."""
    tables = {
        "kinds": _rows(report.by_kind),
        "namespaces": _rows(report.by_namespace),
        "deeds": [[d.at, d.step, d.cluster, d.verb, d.object, d.outcome or "no end", d.why] for d in report.deeds],
        "lost": [[lost.cluster, lost.object, lost.why] for lost in report.unrestorable],
    }
    return _template().render(
        report=report,
        summary=summary_of(report),
        data=script_json(tables),
        svg=_inline_picture(report),
        script=Markup((FOLDER / "handover" / "tables.js").read_text()),  # noqa: S704 - a file of ours
    )


def script_json(value: Any) -> Markup:
    """JSON for a script element: no `<`, `>` or `&` in it, so no name ends the element or begins a comment."""
    text = msgspec.json.encode(value).decode()
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - escaped above


def _rows(counts: Any) -> list[list[Any]]:
    return [[c.cluster, c.what, c.before, c.after, c.gone, c.new] for c in counts]


def _inline_picture(report: RunReport) -> Markup:
    """The chain before the run as SVG inside the page; it is escaped by its own template. "" for none."""
    if report.picture is None:
        return Markup("")
    svg = picture.render_svg(report.picture)
    return Markup(svg[svg.index("<svg") :])  # noqa: S704 - autoescaped by chain.svg


@cache
def _template() -> Template:
    return template_environment(escaped=True).get_template("handover/report.html")
