"""Apply the remaining actions of an approved plan."""

from ks_reset.apply.approved_marks import LateMarks
from ks_reset.apply.context import PARALLELISM, RunResult
from ks_reset.apply.fallback import apply_with_fallback
from ks_reset.apply.progress import Progress, StepBegun
from ks_reset.credentials.fill import Credentials

__all__ = ["PARALLELISM", "Credentials", "LateMarks", "Progress", "RunResult", "StepBegun", "apply_with_fallback"]
