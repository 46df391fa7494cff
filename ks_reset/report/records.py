"""The records of a host as a table, each with the cluster reached by it."""

from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ks_reset.model import Dial, FleetFacts, Reach


def print_records(facts: FleetFacts, console: Console) -> None:
    """Print a row for each record: its name, endpoint, answer, account and expiry."""
    ways = sorted((*facts.host.dials, *facts.host.connections), key=lambda dial: (dial.record, dial.way))
    if not ways:
        return
    table = Table(title="Records", title_justify="left")
    for column in ("record", "kind", "leads to", "answer", "account", "good until"):
        table.add_column(column, overflow="fold")
    for dial in ways:
        row = (
            dial.record,
            dial.way,
            dial.endpoint,
            _answer_text(facts, dial),
            dial.account,
            dial.expires.partition("T")[0],
        )
        table.add_row(*map(escape, row), style="" if dial.reach is Reach.REACHED else "yellow")
    console.print(table)


def _answer_text(facts: FleetFacts, dial: Dial) -> str:
    if dial.reach is not Reach.REACHED:
        return dial.reach.value
    return "; ".join(_identity_texts(facts, dial))


def _identity_texts(facts: FleetFacts, dial: Dial) -> Iterable[str]:
    """The operator's name for the cluster in the answer, and whether it is the recorded one."""
    world = facts.cluster(dial.identity)
    role = "" if world is None else "the host" if world is facts.host else f"member {world.name}"
    yield f"{role or 'a cluster that was not named'} ({', '.join(filter(None, (dial.identity, dial.version)))})"
    if dial.recorded and dial.recorded != dial.identity:
        yield f"recorded was {dial.recorded}"
