"""The steps, one a file: each module here that has a STEP is one. Order is written in the playbooks alone."""

import importlib
import pkgutil

from ks_reset.steps.step import Removal, Step, StepContext

_modules = (importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__))
STEPS: dict[str, Step] = {m.STEP.name: m.STEP for m in _modules if hasattr(m, "STEP")}

__all__ = ["STEPS", "Removal", "Step", "StepContext"]
