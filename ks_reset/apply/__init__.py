"""Do what an approved plan says and what is still needed, and nothing else."""

from ks_reset.apply.context import Progress, RunResult
from ks_reset.apply.fallback import apply
from ks_reset.credentials.fill import Credentials

__all__ = ["Credentials", "Progress", "RunResult", "apply"]
