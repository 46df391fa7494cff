"""An installation as text: the findings against it, and how it differs from what ran before."""

import difflib

import yaml
from rich.console import Console

from ks_reset.credentials.redact import redact
from ks_reset.model import Body, Finding
from ks_reset.report import findings as report


def print_feasibility(findings: list[Finding], asked: int, console: Console) -> None:
    """Print each finding with all its evidence; without one, how many images were `asked` for in registries."""
    if findings:
        report.show(findings, console, verbose=True)
    else:
        console.print(f"Nothing stands against it: the source is what it should be, and {asked} image(s) can be had.")


def diff(before: Body, after: Body, title: str) -> str:
    """A unified diff of two objects as YAML; credentials are digests on both sides."""
    old, new = (yaml.safe_dump(_redacted(body), allow_unicode=True).splitlines() for body in (before, after))
    lines = difflib.unified_diff(old, new, f"{title} (ran before)", f"{title} (to be installed)", lineterm="")
    return "\n".join(lines)


def _redacted(body: Body) -> Body:
    """The object, redacted; `metadata` is left out where it is empty."""
    return {key: value for key, value in redact(body).items() if value or key != "metadata"}
