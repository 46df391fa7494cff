"""Every case under tests/cases/feasible: values, facts and answers from outside in, obstacles out."""

import pytest

from ks_reset import feasible
from ks_reset.errors import Refused, Unknown
from ks_reset.model import ExternalAnswers, Obstacle, SourceContent, Values
from tests.cases import FleetCase, load_cases, module_name, subjects


class CheckCase(FleetCase, kw_only=True, forbid_unknown_fields=True):
    """Asks the check that is called like the folder of the case."""

    values: Values
    outside: ExternalAnswers = ExternalAnswers(SourceContent())
    obstacles: list[str]


@pytest.mark.parametrize("case", load_cases("feasible", CheckCase), ids=str)
def test_a_check_finds_these_obstacles(case: CheckCase) -> None:
    check = next(check for check in feasible.CHECKS if module_name(check) == case.subject)
    found = [o for o in check(case.values, case.facts, case.outside) if o.id not in case.values.allow]
    assert [f"{o.cluster}: {o.what}" + (" (unknown)" if o.unknown else "") for o in found] == case.obstacles, case.why
    assert all(o.cure and o.id == case.subject.replace("_", "-") for o in found)


def test_every_check_has_a_case() -> None:
    assert {module_name(check) for check in feasible.CHECKS} == subjects("feasible")


def test_all_obstacles_are_told_at_once_and_unknown_is_not_refused() -> None:
    known, unknown = Obstacle("a", "host", "No.", "Do."), Obstacle("b", "host", "Perhaps.", "Look.", unknown=True)
    feasible.feasible([])
    with pytest.raises(Refused, match=r"2 obstacle\(s\).*\n  1. \[a\] host: No. Do.\n  2. \[b\] host: Perhaps."):
        feasible.feasible([known, unknown])
    with pytest.raises(Unknown, match=r"\[b\]"):
        feasible.feasible([unknown])
