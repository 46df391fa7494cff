"""Cases of tests/cases/healthy: clusters that never had KubeSphere, and installations in order; doctor finds nothing.

A case that is in order and still has something to know names these findings.
"""

import pytest

from ks_reset.findings import check_fleet
from ks_reset.model import Options
from ks_reset.plan.make import make_plan
from ks_reset.plan.playbook import load_playbook
from tests.cases import FleetCase, load_cases

NEVER = "never"


class HealthyCase(FleetCase, kw_only=True, forbid_unknown_fields=True):
    """`findings` are ids of findings that tell what is there, and not that something is wrong."""

    findings: list[str] = []


CASES = load_cases("healthy", HealthyCase)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_doctor_finds_nothing(case: HealthyCase) -> None:
    found = check_fleet(case.facts, Options())
    assert sorted({finding.id for finding in found}) == case.findings, [(f.id, f.title) for f in found]


@pytest.mark.parametrize("case", [case for case in CASES if case.subject == NEVER], ids=str)
def test_an_uninstall_removes_nothing_where_kubesphere_never_was(case: HealthyCase) -> None:
    """It has nothing to do, or a finding stops it until the operator has decided."""
    plan = make_plan(load_playbook("uninstall"), case.facts, Options())
    stopped = [finding.id for finding in check_fleet(case.facts, Options()) if "uninstall" in finding.blocks]
    assert stopped or [f"{action.verb} {action.target}" for action in plan.actions] == []
