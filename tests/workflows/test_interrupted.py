"""After Ctrl-C an operator is told that the seatbelt stays on, where the journal is, and what is left."""

from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from ks_reset.apply import Credentials
from ks_reset.model import Approval, Plan, SeatbeltOn
from ks_reset.workflows import apply as workflow
from tests.recorder import Recorder
from tests.report.books import incident_book


def lines_after_interruption(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ks_reset.apply.apply_with_fallback", interrupted)
    recorder, clients = Recorder(), Any
    with pytest.raises(KeyboardInterrupt):
        workflow.apply_plan(clients, plan, 1, Credentials(), recorder, approval=Approval("ann", "now", "typed"))  # type: ignore[arg-type]
    return recorder.lines


def test_the_seatbelt_of_the_run_is_told_and_what_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path))
    plan = incident_book().plan
    belt, interrupted = lines_after_interruption(plan, monkeypatch)
    assert belt == "The seatbelt of a run stays on until the run is finished."
    assert f"ks-reset runs show {plan.playbook}-{plan.digest[:16]}." in interrupted
    rest = tuple(action for action in plan.actions if not isinstance(action, SeatbeltOn))
    assert len(lines_after_interruption(structs.replace(plan, actions=rest), monkeypatch)) == 1
