"""What is wrong in a fleet: one rule a file, pure, from facts to findings with evidence.

A rule is a function `check(facts, options)`; every module here that has one is asked.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterable

from ks_reset.errors import Refused, Unknown
from ks_reset.findings import fleet, request
from ks_reset.findings.blocking import gated
from ks_reset.model import Finding, FleetFacts, Options, Severity
from ks_reset.plan.playbook import Playbook, names

Check = Callable[[FleetFacts, Options], Iterable[Finding]]
_modules = (
    importlib.import_module(f"{package.__name__}.{m.name}")
    for package in (fleet, request)
    for m in pkgutil.iter_modules(package.__path__)
)
RULES: tuple[Check, ...] = tuple(m.check for m in _modules if hasattr(m, "check"))
ORDER = (Severity.UNKNOWN, Severity.CRITICAL, Severity.WARNING, Severity.INFO)


def check(facts: FleetFacts, options: Options) -> list[Finding]:
    """All findings, the worst first."""
    found = [gated(finding, facts, options) for rule in RULES for finding in rule(facts, options)]
    return sorted(found, key=lambda finding: ORDER.index(finding.severity))


def blocking(playbook: Playbook, facts: FleetFacts, options: Options) -> None:
    """Raises Unknown or Refused with the first finding that must not stand when this playbook runs.

    A playbook of the operator's own is stopped by whatever stops any playbook.
    """
    own = playbook.name not in names()
    for finding in check(facts, options):
        if playbook.name in finding.blocks or "*" in finding.blocks or (own and finding.blocks):
            family = Unknown if finding.severity is Severity.UNKNOWN else Refused
            shown = "; ".join(f"{e.cluster}: {e.object} {e.field} = {e.value}" for e in finding.evidence[:3])
            raise family(f"{playbook.name} cannot be planned: {finding.title} ({shown}). {finding.cure}")
