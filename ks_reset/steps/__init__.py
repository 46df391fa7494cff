"""The steps by name: every `Step` in a module of this package. Their order is written in the playbooks alone."""

import importlib
import pkgutil

from ks_reset.steps.step import Removal, Step, StepContext

_modules = [importlib.import_module(module.name) for module in pkgutil.walk_packages(__path__, f"{__name__}.")]
STEPS: dict[str, Step] = {
    value.name: value for module in _modules for value in vars(module).values() if isinstance(value, Step)
}

__all__ = ["STEPS", "Removal", "Step", "StepContext"]
