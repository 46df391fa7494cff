"""Do what an approved plan says and what is still needed, and nothing else."""

from ks_reset.apply.run import Report, Reporter, apply

__all__ = ["Report", "Reporter", "apply"]
