"""Findings: one rule a file, pure, from facts to problems with their evidence.

A rule is a module with a function `check`: `check(facts, options)` in fleet/ and request/, `check(values, facts,
answers)` in install/. The playbooks each finding stops are in blocking.py.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from types import ModuleType

from ks_reset.errors import Refused, Unknown
from ks_reset.findings import fleet, install, request
from ks_reset.findings.blocking import ANY, with_blocks
from ks_reset.model import ExternalAnswers, Finding, FleetFacts, Options, Severity, Values
from ks_reset.plan.playbook import Playbook, playbook_names

Check = Callable[[FleetFacts, Options], Iterable[Finding]]
InstallCheck = Callable[[Values, FleetFacts, ExternalAnswers], Iterable[Finding]]


def _rule_modules(*packages: ModuleType) -> Iterable[ModuleType]:
    for package in packages:
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            loaded = importlib.import_module(module.name)
            if hasattr(loaded, "check"):
                yield loaded


RULES: tuple[Check, ...] = tuple(module.check for module in _rule_modules(fleet, request))
INSTALL_RULES: tuple[InstallCheck, ...] = tuple(module.check for module in _rule_modules(install))
ORDER = (Severity.UNKNOWN, Severity.CRITICAL, Severity.WARNING, Severity.INFO)


def check_fleet(facts: FleetFacts, options: Options) -> list[Finding]:
    """All findings of a fleet and a request, each with the playbooks it stops, the worst first."""
    findings = [with_blocks(finding, facts, options) for rule in RULES for finding in rule(facts, options)]
    return sorted(findings, key=lambda finding: ORDER.index(finding.severity))


def check_install(values: Values, facts: FleetFacts, answers: ExternalAnswers) -> list[Finding]:
    """All findings against an installation with these values, except those the values allow."""
    findings = [finding for rule in INSTALL_RULES for finding in rule(values, facts, answers)]
    return [with_blocks(finding, facts, Options()) for finding in findings if finding.id not in values.allow]


def require_unblocked(playbook: Playbook, facts: FleetFacts, options: Options) -> None:
    """Raises Unknown or Refused with the first finding to stop this playbook.

    A playbook of the operator's own is stopped by each finding to stop any playbook.
    """
    own = playbook.name not in playbook_names()
    for finding in check_fleet(facts, options):
        if playbook.name in finding.blocks or ANY in finding.blocks or (own and finding.blocks):
            family = Unknown if finding.severity is Severity.UNKNOWN else Refused
            shown = "; ".join(f"{e.cluster}: {e.object} {e.field} = {e.value}" for e in finding.evidence[:3])
            raise family(f"{playbook.name} cannot be planned: {finding.title} ({shown}). {finding.cure}")


def require_feasible(playbook: str, findings: Iterable[Finding]) -> None:
    """Raises Refused with all findings stopping the playbook; Unknown if all of them are unknown."""
    if against := [finding for finding in findings if playbook in finding.blocks]:
        lines = "\n".join(f"  {n}. [{f.id}] {f.title}. {f.next} {f.cure}" for n, f in enumerate(against, 1))
        family = Unknown if all(finding.severity is Severity.UNKNOWN for finding in against) else Refused
        raise family(
            f"KubeSphere could not be put back: {len(against)} finding(s) stand against it. Nothing was sent.\n{lines}"
            "\nFollow each cure, or allow a finding by its id in the values file (allow: [ID]). To take KubeSphere off "
            "all the same: ks-reset plan uninstall --uninstall-only."
        )
