"""Verify goes on past a run whose plan it cannot read, and tells it as unknown."""

from pathlib import Path

import pytest
from msgspec import structs

from ks_reset import facts as reading
from ks_reset.journal import Journal
from ks_reset.model import FleetFacts, Options, Plan
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.plan.file import SCHEMA
from ks_reset.workflows.verify import verify_fleet
from tests.build import Rows, facts

SHOP = {"kind": "Namespace", "metadata": {"name": "shop"}}
CART = {"kind": "Namespace", "metadata": {"name": "cart"}}
OWN = {"kind": "Namespace", "metadata": {"name": "kubesphere-system"}}
BEFORE: Rows = [SHOP, CART, OWN]


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path))


def ran(known: FleetFacts, digit: str, *events: str) -> Path:
    """The folder of a run of uninstall with these facts as baseline."""
    plan: Plan = planning.make_plan(playbooks.load_playbook("uninstall"), known, Options())
    with Journal.of_plan(structs.replace(plan, digest=digit * 64)) as journal:
        journal.start_run(plan)
        reading.save_snapshot(known, journal.baseline)
        for event in ("begin", *events):
            journal.note_event(event)
    return journal.folder


def spoil(folder: Path, old: str, new: str) -> None:
    path = folder / "plan.json"
    path.write_text(path.read_text().replace(old, new, 1))


@pytest.mark.parametrize("events", [("done",), ()], ids=["finished", "unfinished"])
def test_a_run_of_another_version_is_told_and_the_rest_is_verified(events: tuple[str, ...]) -> None:
    folder = ran(facts(BEFORE), "1", *events)
    spoil(folder, f'"schema": {SCHEMA}', '"schema": 5')
    verdict = verify_fleet(facts([SHOP, OWN]))
    assert (verdict.clean, verdict.proof) == (False, None)
    assert [left.object for left in verdict.leftovers] == ["Namespace kubesphere-system"]
    (unknown,) = verdict.unknown
    assert f"the run in {folder}: " in unknown
    assert f"mv {folder} " in unknown


def test_a_plan_that_was_changed_is_told_too() -> None:
    folder = ran(facts(BEFORE), "1", "done")
    spoil(folder, '"uninstall"', '"reinstall"')
    assert "was changed after it was made" in verify_fleet(facts([SHOP])).unknown[0]


def test_a_later_run_that_can_be_read_is_compared_with_its_own_baseline() -> None:
    spoil(ran(facts(BEFORE), "1"), f'"schema": {SCHEMA}', '"schema": 5')
    ran(facts([SHOP, OWN]), "2", "done")
    verdict = verify_fleet(facts([]))
    assert verdict.proof is not None
    assert [change.object for change in verdict.proof.changes] == ["Namespace shop"]
    assert len(verdict.unknown) == 1


def test_a_given_baseline_is_compared_with_in_any_case() -> None:
    spoil(ran(facts(BEFORE), "1", "done"), f'"schema": {SCHEMA}', '"schema": 5')
    verdict = verify_fleet(facts([SHOP]), facts([SHOP, CART]))
    assert verdict.proof is not None
    assert [change.object for change in verdict.proof.changes] == ["Namespace cart"]
