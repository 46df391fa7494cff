"""What is known of the fleet: reading it once, and asking one subject a file of what was read.

Every function here but `gather` is pure, so that findings and plans come out the same from live clusters and from
a saved snapshot.
"""

from ks_reset.facts.fleet import Clients
from ks_reset.facts.gather import again, dialled, gather, observe_only, refresh, relist
from ks_reset.facts.snapshot import load, save

__all__ = ["Clients", "again", "dialled", "gather", "load", "observe_only", "refresh", "relist", "save"]
