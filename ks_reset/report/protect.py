"""The seatbelt's state, a line a cluster."""

from collections import Counter

from msgspec import Struct
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ks_reset import seatbelt
from ks_reset.language import join_words, translate_word
from ks_reset.model import ClusterFacts
from ks_reset.report.titles import count_text


class Status(Struct, frozen=True):
    """`on` means whole: a part that is missing or was changed makes it `broken`. `protected` counts objects by type."""

    cluster: str
    on: bool
    broken: bool
    run: str
    by: str
    spared: tuple[str, ...]
    protected: dict[str, int]


def status_of_seatbelt(world: ClusterFacts) -> Status:
    """What is to be said of one cluster."""
    belt = seatbelt.present(world)
    whole = belt is not None and seatbelt.is_complete(world, belt)
    if belt is None:
        return Status(world.name, False, False, "", "", (), {})
    shielded = (o for key in seatbelt.DENIED_KINDS for o in world.of(key)) if whole else ()
    counts = Counter(o.kind.kind for o in shielded if seatbelt.keeps_object(world, belt, o))
    return Status(world.name, whole, not whole, belt.run, belt.by, belt.excepted_namespaces, dict(counts))


def print_statuses(found: list[Status], console: Console) -> None:
    """A table of all clusters."""
    table = Table(title=translate_word("Seatbelt"), title_justify="left")
    for column in ("cluster", "state", "put on for", "by", "protects", "leaves out"):
        table.add_column(translate_word(column), overflow="fold")
    for each in found:
        word, style = ("on", "green") if each.on else ("broken", "bold red") if each.broken else ("off", "default")
        state = f"[{style}]{translate_word(word)}[/]"
        counts = join_words(count_text(count, kind) for kind, count in each.protected.items())
        table.add_row(escape(each.cluster), state, escape(each.run), escape(each.by), counts, ", ".join(each.spared))
    console.print(table)
