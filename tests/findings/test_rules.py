"""Every case under tests/cases/findings: facts in, findings out, each with the playbooks that it stops."""

import pytest

from ks_reset import findings
from ks_reset.findings.blocking import with_blocks
from ks_reset.model import ExternalAnswers, Finding, Options, SourceContent, Values
from tests.build import Rows
from tests.cases import FleetCase, load_cases, module_name, subjects


class RuleCase(FleetCase, kw_only=True, forbid_unknown_fields=True):
    """Asks the rule that is called like the folder of the case.

    A rule of findings/install takes `values`, and the answers of registry and source, `external`; its findings say
    their `cluster` and `title` too.
    """

    options: Options = Options()
    values: Values | None = None
    external: ExternalAnswers = ExternalAnswers(SourceContent())
    findings: Rows


CASES = load_cases("findings", RuleCase)


def findings_of(case: RuleCase) -> list[Finding]:
    if case.values:
        against = findings.check_install(case.values, case.facts, case.external)
        return [finding for finding in against if finding.id == case.subject.replace("_", "-")]
    rule = next(rule for rule in findings.RULES if module_name(rule) == case.subject)
    return [with_blocks(finding, case.facts, case.options) for finding in rule(case.facts, case.options)]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_rule_finds_this(case: RuleCase) -> None:
    got = findings_of(case)
    assert [
        {"id": f.id, "severity": f.severity.value, "objects": [e.object for e in f.evidence], "blocks": list(f.blocks)}
        | ({"cluster": f.evidence[0].cluster, "title": f.title} if case.values else {})
        for f in got
    ] == case.findings, case.why
    assert all(f.next and f.cure and f.evidence for f in got)


def test_every_rule_has_a_case() -> None:
    rules = (*findings.RULES, *findings.INSTALL_RULES)
    assert {module_name(rule) for rule in rules} == subjects("findings")
