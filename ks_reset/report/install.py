"""An installation for people: what stands against it, and how it differs from what ran before."""

import difflib
from collections.abc import Iterable

import yaml
from rich.console import Console
from rich.markup import escape

from ks_reset.credentials.redact import redact
from ks_reset.model import Body, Obstacle


def show(found: Iterable[Obstacle], asked: int, console: Console) -> None:
    """Every obstacle with its cure; or that there is none, and how many images were asked for."""
    found = list(found)
    for each in found:
        colour = "yellow" if each.unknown else "red"
        console.print(f"[{colour}]{each.id}[/]  {escape(each.cluster)}: {escape(each.what)}")
        console.print(f"  {each.cure}", markup=False)
    if not found:
        console.print(f"Nothing stands against it: the source is what it should be, and {asked} image(s) can be had.")


def diff(before: Body, after: Body, title: str) -> str:
    """A unified diff of two objects as YAML; credentials are digests on both sides."""
    was, now = (yaml.safe_dump(_shown(body), allow_unicode=True).splitlines() for body in (before, after))
    lines = difflib.unified_diff(was, now, f"{title} (ran before)", f"{title} (to be installed)", lineterm="")
    return "\n".join(lines)


def _shown(body: Body) -> Body:
    return {key: value for key, value in redact(body).items() if value or key != "metadata"}
