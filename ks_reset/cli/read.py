"""Facts for a command: from a saved snapshot, or read from the clusters."""

from pathlib import Path

from ks_reset import facts as reading
from ks_reset.facts import Clients
from ks_reset.model import FleetFacts
from ks_reset.report.console import ProgressDisplay


def read(snapshot: Path | None, connected: "Clients | None") -> FleetFacts:
    """The facts of a snapshot if one is given, else of the fleet, told on stderr."""
    if snapshot:
        return reading.load(snapshot)
    assert connected is not None, "a command connects unless it has a snapshot"
    with ProgressDisplay() as progress:
        return reading.gather(connected, progress.beat)
