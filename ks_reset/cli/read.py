"""Facts for a command: from a saved snapshot, or read from the clusters."""

from pathlib import Path

from ks_reset import facts as reading
from ks_reset.facts import Fleet
from ks_reset.model import Facts
from ks_reset.report.console import Progress


def read(snapshot: Path | None, connected: "Fleet | None") -> Facts:
    """The facts of a snapshot if one is given, else of the fleet, told on stderr."""
    if snapshot:
        return reading.load(snapshot)
    assert connected is not None, "a command connects unless it has a snapshot"
    with Progress() as progress:
        return reading.gather(connected, progress.beat)
