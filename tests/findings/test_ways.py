"""Each finding that stops a playbook: the commands of its way on are typed in each state of its cases, and help.

A finding that is new in findings/blocking.py has no state here until it has a case, and fails by its name.
"""

from pathlib import Path

import pytest

from ks_reset.findings.blocking import INSTALL
from tests.findings.acts import ACTS
from tests.findings.stops import PAIRS, Stop, stops_of
from tests.findings.ways import INSTEAD, commands_of, tried

FLEET_PAIRS = [(book, name) for book, name in PAIRS if name not in INSTALL]
NOT_SIMULATED = {
    "leftover_types/seatbelt_of_another_run": "the seatbelt of the case has no exceptions for KubeSphere's types",
}
"""The states in which a way on cannot be shown, each with the reason."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path / "state"))


def gets_further(stop: Stop) -> bool:
    """Whether a command gets further, or somebody's act does after the commands of kubectl."""
    now = stop
    for command, further, after in tried(stop):
        if further:
            return True
        now = after if command.startswith("kubectl") else now
    act = ACTS.get(stop.id)
    then = act.done(now) if act else now
    return act is not None and (not then.found() or any(further for _, further, _ in tried(then)))


@pytest.mark.parametrize(("playbook", "finding"), FLEET_PAIRS)
def test_the_way_on_gets_further_in_every_state(playbook: str, finding: str) -> None:
    stops = [stop for stop in stops_of(playbook, finding) if str(stop.case) not in NOT_SIMULATED]
    assert stops, f"{finding} stops {playbook}, and no case of tests/cases/findings shows it"
    stuck = [(str(stop.case), commands_of(stop)) for stop in stops if not gets_further(stop)]
    assert not stuck


def test_no_act_or_exception_is_named_that_no_finding_needs() -> None:
    assert ACTS.keys() | INSTEAD.keys() <= {name for _, name in FLEET_PAIRS}
    assert not ACTS.keys() & INSTEAD.keys()
