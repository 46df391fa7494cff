"""Facts of the fleet: read it once, then query the facts, one subject a file.

Only gather.py reads clusters. All other functions are pure: live clusters and a saved snapshot give the same findings
and plans.
"""

from ks_reset.facts.fleet import Clients
from ks_reset.facts.gather import read_fleet, read_types, refresh_types, relist_types, reread_cluster, with_dials
from ks_reset.facts.snapshot import Baseline, load_baseline, load_snapshot, save_snapshot

__all__ = [
    "Baseline",
    "Clients",
    "load_baseline",
    "load_snapshot",
    "read_fleet",
    "read_types",
    "refresh_types",
    "relist_types",
    "reread_cluster",
    "save_snapshot",
    "with_dials",
]
