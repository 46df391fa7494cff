"""Checks before every write, one guard a file: each takes one action and the object as read right before.

A guard returns None or raises Refused or Stale; it never skips an action. Guards run after the approval and stop
actions an approved plan should not have contained.
"""

import importlib
import pkgutil
from collections.abc import Callable

from ks_reset.guards.context import GuardContext
from ks_reset.model import Action, Obj

Guard = Callable[[Action, Obj, GuardContext], None]
_modules = (importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__))
GUARDS: tuple[Guard, ...] = tuple(m.guard for m in _modules if hasattr(m, "guard"))

__all__ = ["GUARDS", "Guard", "GuardContext"]
