"""Do what an approved plan says and what is still needed, and nothing else."""

from ks_reset.apply.context import Report, Reporter
from ks_reset.apply.fallback import apply
from ks_reset.apply.keys import Keys

__all__ = ["Keys", "Report", "Reporter", "apply"]
