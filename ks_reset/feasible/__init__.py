"""Whether an installation can succeed, asked before anything is removed: one obstacle a file, pure.

A check is a function `check(values, facts, outside)`; every module here that has one is asked.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterable

from ks_reset.errors import Refused, Unknown
from ks_reset.findings import install
from ks_reset.model import ExternalAnswers, FleetFacts, Obstacle, Values

Check = Callable[[Values, FleetFacts, ExternalAnswers], Iterable[Obstacle]]
_modules = (importlib.import_module(f"{install.__name__}.{m.name}") for m in pkgutil.iter_modules(install.__path__))
CHECKS: tuple[Check, ...] = tuple(m.check for m in _modules if hasattr(m, "check"))


def obstacles(values: Values, facts: FleetFacts, outside: ExternalAnswers) -> list[Obstacle]:
    """Everything that stands against the installation, but for what the operator allows."""
    found = [each for check in CHECKS for each in check(values, facts, outside)]
    return [each for each in found if each.id not in values.allow]


def feasible(found: Iterable[Obstacle]) -> None:
    """Raises Refused, or Unknown where nobody could tell, with all of them."""
    found = list(found)
    if found:
        lines = "\n".join(f"  {n}. [{o.id}] {o.cluster}: {o.what} {o.cure}" for n, o in enumerate(found, 1))
        family = Unknown if all(each.unknown for each in found) else Refused
        raise family(
            f"KubeSphere could not be put back: {len(found)} obstacle(s). Nothing was sent.\n{lines}\n"
            "Mend them, or allow one by its name in the values file (allow: [NAME]). To take KubeSphere off all the "
            "same: ks-reset plan uninstall --uninstall-only."
        )
