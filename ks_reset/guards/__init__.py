"""Small functions that say no. Each looks at one action and the object as it is right now, one guard a file.

A guard returns None or raises Refused; it never skips. They run before every write, after the plan was approved:
what the plan let through by mistake stops here.
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
