"""Every case under tests/cases/findings: facts in, findings out."""

import pytest

from ks_reset import findings
from ks_reset.model import Options
from tests.build import Rows
from tests.cases import FleetCase, load_cases, module_name, subjects


class RuleCase(FleetCase, kw_only=True, forbid_unknown_fields=True):
    """Asks the rule that is called like the folder of the case."""

    options: Options = Options()
    findings: Rows


CASES = load_cases("findings", RuleCase)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_rule_finds_this(case: RuleCase) -> None:
    rule = next(rule for rule in findings.RULES if module_name(rule) == case.subject)
    found = list(rule(case.facts, case.options))
    assert [
        {"id": f.id, "severity": f.severity.value, "objects": [e.object for e in f.evidence], "blocks": list(f.blocks)}
        for f in found
    ] == case.findings, case.why
    assert all(f.next and f.cure for f in found)


def test_every_rule_has_a_case() -> None:
    assert {module_name(rule) for rule in findings.RULES} == subjects("findings")
