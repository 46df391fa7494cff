"""Findings: one rule a file, pure, from facts to problems with their evidence.

A rule is a module with a function `check`: `check(facts, options)` in fleet/ and request/, `check(values, facts,
answers)` in install/. The playbooks each finding stops are in blocking.py.
"""

import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterable
from functools import partial
from types import ModuleType

from ks_reset.errors import Reason, Refused, Told, Unknown
from ks_reset.findings import fleet, install, request
from ks_reset.findings.about import About, Group
from ks_reset.findings.blocking import ANY, UNREAD, with_blocks
from ks_reset.findings.certainty import Outcome, declared_reads, result_of, run_rule, unchecked_finding
from ks_reset.findings.conditions import rests_on_unmended
from ks_reset.model import Check, CheckUp, ExternalAnswers, Finding, FleetFacts, Options, Severity, Urgency, Values
from ks_reset.plan.playbook import Playbook, playbook_names

FleetRule = Callable[[FleetFacts, Options], Iterable[Finding]]
InstallRule = Callable[[Values, FleetFacts, ExternalAnswers], Iterable[Finding]]


def _rule_modules(*packages: ModuleType) -> Iterable[ModuleType]:
    for package in packages:
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            loaded = importlib.import_module(module.name)
            if hasattr(loaded, "check"):
                yield loaded


RULES: tuple[FleetRule, ...] = tuple(module.check for module in _rule_modules(fleet, request))
INSTALL_RULES: tuple[InstallRule, ...] = tuple(module.check for module in _rule_modules(install))
SHOWN = 3
"""Evidence in a refusal; doctor shows all of it."""
URGENCIES = tuple(Urgency)
ORDER = (Severity.UNKNOWN, Severity.CRITICAL, Severity.WARNING, Severity.INFO)


def check_fleet(facts: FleetFacts, options: Options) -> list[Finding]:
    """All findings of a fleet and a request, each with the playbooks it stops, the worst first."""
    return sorted(_told([_fleet_outcome(rule, facts, options) for rule in RULES], facts, options), key=_rank)


def check_up(facts: FleetFacts, options: Options) -> CheckUp:
    """The result of each rule about a fleet by group, with all findings, the most urgent first."""
    outcomes = [_fleet_outcome(rule, facts, options) for rule in RULES]
    found = sorted(_told(outcomes, facts, options), key=lambda f: (URGENCIES.index(f.urgency), *_rank(f)))
    checks = [
        Check(outcome.rule, about.group, about.title, result_of(outcome), tuple({f.id: 0 for f in outcome.findings}))
        for rule, outcome in zip(RULES, outcomes, strict=True)
        if (about := about_rule(rule))
    ]
    groups = list(Group)
    return CheckUp(tuple(sorted(checks, key=lambda check: groups.index(Group(check.group)))), tuple(found))


def check_rule(rule: FleetRule, facts: FleetFacts, options: Options) -> list[Finding]:
    """The findings of one rule, as check_fleet tells them."""
    return _told([_fleet_outcome(rule, facts, options)], facts, options)


def _fleet_outcome(rule: FleetRule, facts: FleetFacts, options: Options) -> Outcome:
    outcome = run_rule(_rule_name(rule), lambda watched: rule(watched, options), declared_reads(rule), facts)
    about = about_rule(rule)
    return outcome.with_urgency(about.urgency) if about else outcome


def about_rule(rule: FleetRule) -> About | None:
    """The declaration in the module of a rule; None for a rule about a request, of which a check-up has none."""
    about: About | None = getattr(sys.modules[rule.__module__], "ABOUT", None)
    return about


def _rule_name(rule: Callable[..., object]) -> str:
    return rule.__module__.rpartition(".")[2].replace("_", "-")


def _told(outcomes: list[Outcome], facts: FleetFacts, options: Options) -> list[Finding]:
    """The findings of these rules and what they could not check, each with the playbooks it stops."""
    findings = [finding for outcome in outcomes for finding in outcome.findings]
    return [with_blocks(f, facts, options) for f in (*findings, *unchecked_finding(outcomes, facts))]


def _rank(finding: Finding) -> tuple[int, bool]:
    """The worst first; of those that are unknown, the lists that were not read."""
    return ORDER.index(finding.severity), finding.id != "unreadable"


def check_install(values: Values, facts: FleetFacts, answers: ExternalAnswers) -> list[Finding]:
    """All findings against an installation with these values, except those the values allow."""
    outcomes = [
        run_rule(_rule_name(rule), partial(_check_facts, rule, values, answers), declared_reads(rule), facts)
        for rule in INSTALL_RULES
    ]
    return [finding for finding in _told(outcomes, facts, Options()) if finding.id not in values.allow]


def _check_facts(check: InstallRule, values: Values, answers: ExternalAnswers, facts: FleetFacts) -> list[Finding]:
    return list(check(values, facts, answers))


def require_unblocked(playbook: Playbook, facts: FleetFacts, options: Options) -> None:
    """Raises Unknown or Refused with all findings that stop this playbook; the worst decides which of the two.

    A playbook of the operator's own is stopped by each finding to stop any playbook.
    """
    own = playbook.name not in playbook_names()
    against = [
        finding
        for finding in check_fleet(facts, options)
        if (playbook.name in finding.blocks or ANY in finding.blocks or (own and finding.blocks))
        and not (playbook.mends and finding.id in UNREAD and not rests_on_unmended(facts, options, finding))
    ]
    if not against:
        return
    family = Unknown if against[0].severity is Severity.UNKNOWN else Refused
    told = [_as_sentences(finding, playbook.name) for finding in against]
    again = sum(f"ks-reset plan {playbook.name} " in line for line in told)
    together = "The flags that their commands add can be given in one command." if again > 1 else ""
    head = f"{playbook.name} cannot be planned"
    if len(told) == 1:
        error = family(f"{head}: {told[0]}")
    else:
        lines = "\n".join(f"  {number}. {line}" for number, line in enumerate(told, 1))
        error = family(f"{head}. {len(told)} findings stop it.{together and ' '}{together}\n{lines}")
        head = f"{head}: {len(told)} findings stop it"
    error.told = Told(head, tuple(_as_reason(finding, playbook.name) for finding in against), together)
    raise error


def _as_reason(finding: Finding, playbook: str) -> Reason:
    seen = [f"{e.cluster}: {e.object} {e.field} = {e.value}" for e in finding.evidence]
    if len(seen) > SHOWN:
        seen = [*seen[:SHOWN], f"… and {len(seen) - SHOWN} more (ks-reset doctor -v shows all)"]
    way_on = finding.cure.replace("plan PLAYBOOK", f"plan {playbook}")
    return Reason(f"{finding.title}  ({finding.id})", tuple(seen), finding.next, way_on)


def _as_sentences(finding: Finding, playbook: str) -> str:
    evidence = [f"{e.cluster}: {e.object} {e.field} = {e.value}" for e in finding.evidence]
    shown = "; ".join(evidence[:SHOWN])
    if len(evidence) > SHOWN:
        shown += f"; and {len(evidence) - SHOWN} more, which ks-reset doctor -v shows"
    return f"{finding.title} ({shown}). {finding.cure.replace('plan PLAYBOOK', f'plan {playbook}')}"


def require_feasible(playbook: str, findings: Iterable[Finding]) -> None:
    """Raises Refused with all findings stopping the playbook; Unknown if all of them are unknown."""
    if against := [finding for finding in findings if {playbook, ANY} & {*finding.blocks}]:
        lines = "\n".join(f"  {n}. [{f.id}] {f.title}. {f.next} {f.cure}" for n, f in enumerate(against, 1))
        family = Unknown if all(finding.severity is Severity.UNKNOWN for finding in against) else Refused
        head = f"KubeSphere could not be put back: {len(against)} finding(s) stand against it."
        then = (
            "Follow each cure, or allow a finding by its id in the values file (allow: [ID]). To take KubeSphere off "
            "all the same: ks-reset plan uninstall --uninstall-only."
        )
        error = family(f"{head} Nothing was sent.\n{lines}\n{then}")
        error.told = Told(head, tuple(_as_reason(finding, playbook) for finding in against), then)
        raise error
