"""Do what an approved plan says and what is still needed, and nothing else."""

from ks_reset.apply.back import apply
from ks_reset.apply.keys import Keys
from ks_reset.apply.running import Report, Reporter

__all__ = ["Keys", "Report", "Reporter", "apply"]
