"""An installation for people: what stands against it."""

from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape

from ks_reset.model import Obstacle


def show(found: Iterable[Obstacle], asked: int, console: Console) -> None:
    """Every obstacle with its cure; or that there is none, and how many images were asked for."""
    found = list(found)
    for each in found:
        colour = "yellow" if each.unknown else "red"
        console.print(f"[{colour}]{each.id}[/]  {escape(each.cluster)}: {escape(each.what)}")
        console.print(f"  {each.cure}", markup=False)
    if not found:
        console.print(f"Nothing stands against it: the source is what it should be, and {asked} image(s) can be had.")
