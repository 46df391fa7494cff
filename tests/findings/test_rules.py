"""Every case under tests/cases/findings: facts in, findings out."""

import pytest

from ks_reset import findings
from ks_reset.model import ExternalAnswers, Finding, SourceContent, Values
from tests.build import Rows
from tests.cases import FleetCase, load_cases, module_name, subjects


class RuleCase(FleetCase, kw_only=True, forbid_unknown_fields=True):
    """For the rule with the name of the folder; a rule of findings/install also reads `values` and `external`."""

    values: Values | None = None
    external: ExternalAnswers = ExternalAnswers(SourceContent())
    findings: Rows


CASES = load_cases("findings", RuleCase)


def findings_of(case: RuleCase) -> list[Finding]:
    """The findings of the case's rule, each with the playbooks that it stops."""
    if case.values:
        name = case.subject.replace("_", "-")
        return [f for f in findings.check_install(case.values, case.facts, case.external) if f.id == name]
    rule = next(rule for rule in findings.RULES if module_name(rule) == case.subject)
    return findings.check_rule(rule, case.facts, case.options)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_rule_reports_these_findings(case: RuleCase) -> None:
    found = findings_of(case)
    rows = [
        {"id": f.id, "severity": f.severity.value, "objects": [e.object for e in f.evidence], "blocks": list(f.blocks)}
        | ({"cluster": f.evidence[0].cluster, "title": f.title} if case.values else {})
        for f in found
    ]
    assert rows == case.findings, case.why
    assert all(f.next and f.cure and f.evidence for f in found)


def test_every_rule_has_a_case() -> None:
    assert {module_name(rule) for rule in (*findings.RULES, *findings.INSTALL_RULES)} == subjects("findings")
