"""Do what an approved plan says and what is still needed, and nothing else."""

from ks_reset.apply.run import Report, apply

__all__ = ["Report", "apply"]
