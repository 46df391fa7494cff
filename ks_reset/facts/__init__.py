"""Facts of the fleet: read it once, then query the facts, one subject a file.

Only gather.py reads clusters. All other functions are pure: live clusters and a saved snapshot give the same findings
and plans.
"""

from ks_reset.facts.fleet import Clients
from ks_reset.facts.gather import again, dialled, gather, observe_only, refresh, relist
from ks_reset.facts.snapshot import load, save

__all__ = ["Clients", "again", "dialled", "gather", "load", "observe_only", "refresh", "relist", "save"]
