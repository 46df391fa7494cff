"""The records of a host as a table, each with the cluster reached by it."""

from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ks_reset.language import translate_phrase, translate_word
from ks_reset.model import Dial, FleetFacts, Reach

COLUMNS = ("record", "kind", "leads to", "answer", "account", "good until")
WHOLE = ("kind", "good until")
"""Columns that are never cut: the others give way on a narrow screen."""


def print_records(facts: FleetFacts, console: Console) -> None:
    """Print a row for each record: its name, endpoint, answer, account and expiry; no column without a value."""
    ways = sorted((*facts.host.dials, *facts.host.connections), key=lambda dial: (dial.record, dial.way))
    if not ways:
        return
    rows = [
        (dial.record, dial.way, dial.endpoint, _answer_text(facts, dial), dial.account, dial.expires.partition("T")[0])
        for dial in ways
    ]
    filled = [number for number in range(len(COLUMNS)) if any(row[number] for row in rows)]
    table = Table(title=translate_word("Records"), title_justify="left")
    for number in filled:
        table.add_column(translate_word(COLUMNS[number]), overflow="fold", no_wrap=COLUMNS[number] in WHOLE)
    for dial, row in zip(ways, rows, strict=True):
        style = "" if dial.reach is Reach.REACHED else "yellow"
        table.add_row(*(escape(row[number]) for number in filled), style=style)
    console.print(table)


def _answer_text(facts: FleetFacts, dial: Dial) -> str:
    if dial.reach is not Reach.REACHED:
        return translate_word(dial.reach)
    return "; ".join(_identity_texts(facts, dial))


def _identity_texts(facts: FleetFacts, dial: Dial) -> Iterable[str]:
    """The operator's name for the cluster in the answer, and whether it is the recorded one."""
    world = facts.cluster(dial.identity)
    if world is None:
        role = translate_phrase("a cluster that was not named")
    else:
        role = translate_phrase("the host") if world is facts.host else translate_phrase("member {0}", world.name)
    yield f"{role} ({', '.join(filter(None, (dial.identity, dial.version)))})"
    if dial.recorded and dial.recorded != dial.identity:
        yield translate_phrase("recorded was {0}", dial.recorded)
