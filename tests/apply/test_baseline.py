"""A run keeps a baseline for verify, also if no controller is there whose quiet is to be proven."""

from pathlib import Path
from typing import Any

import pytest

from ks_reset.apply import run as running
from ks_reset.apply.context import Progress, RunContext
from ks_reset.journal import Journal
from ks_reset.model import FleetFacts, Options, Plan
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from tests.build import asked, facts
from tests.shorthand import expand_case

ROWS: list[Any] = [
    "CustomResourceDefinition workspaces.tenant.kubesphere.io -> Workspace v1alpha1",
    "Workspace ws1",
    {"Namespace shop": {"labels": {"kubesphere.io/workspace": "ws1"}, "owners": ["Workspace ws1"]}},
]
KNOWN = facts(expand_case({"host": ROWS})["host"])


def run_to(step: str, plan: Plan, journal: Journal, monkeypatch: pytest.MonkeyPatch, known: FleetFacts) -> list[str]:
    """The steps after which a baseline is saved, of a run up to this step without anything to wait for."""
    saved: list[str] = []
    monkeypatch.setattr(running, "remaining_in", lambda *_: [])
    fake: Any = None
    book = playbooks.load_playbook(plan.playbook)
    run = RunContext(fake, plan, book, journal, Progress(*4 * [lambda *_: None]), 1.0, known, {})
    for each in plan.steps[: plan.steps.index(step) + 1]:
        monkeypatch.setattr(running, "save_baseline", lambda *_, now=each: saved.append(now))
        running._run_step(run, each)
    return saved


@pytest.mark.parametrize(
    ("name", "options", "proof", "last"),
    [
        ("uninstall", Options(), "prove-quiet", "sever"),
        ("detach-member", asked(members=("host",)), "prove-paused", "unmark"),
    ],
)
def test_a_run_without_controllers_saves_its_baseline_where_their_quiet_would_be_proven(
    name: str, options: Options, proof: str, last: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path))
    plan = planning.make_plan(playbooks.load_playbook(name), KNOWN, options)
    assert not [action for action in plan.actions if action.verb == "wait-quiet"]
    with Journal.of_plan(plan) as journal:
        assert run_to(last, plan, journal, monkeypatch, KNOWN) == [proof]
        journal.baseline.write_bytes(b"kept")
        assert run_to(last, plan, journal, monkeypatch, KNOWN) == []


def test_a_baseline_is_not_saved_after_a_later_step_has_sent_requests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path))
    plan = planning.make_plan(playbooks.load_playbook("uninstall"), KNOWN, Options())
    with Journal.of_plan(plan) as journal:
        journal.begin_action(next(action for action in plan.actions if action.step == "sever"), {})
        assert run_to("sever", plan, journal, monkeypatch, KNOWN) == []
