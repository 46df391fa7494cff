"""How far a reset is: kept in a file, gone on with, approved by digest alone."""

from pathlib import Path

import pytest
from msgspec import structs

from ks_reset.errors import Stale, Usage
from ks_reset.model import Options, Plan
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.workflows.reset_progress import SHORT, Reset
from tests.build import facts

HOST = "11112222-3333"


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path))
    return tmp_path


def shown(reset: Reset, stage: str) -> Plan:
    plan = planning.make(playbooks.load(stage), facts([]), Options())
    reset.save_progress()
    planning.save(plan, reset.plan_path(stage))
    return plan


def test_a_reset_goes_on_where_it_was_and_only_on_its_own_host() -> None:
    first = Reset.open_for(HOST)
    first.finish_stage("uninstall")
    again, other = Reset.open_for(HOST), Reset.open_for("11112222-4444")
    assert (again.folder, again.progress.done) == (first.folder, ("uninstall",))
    assert other.progress.done == ()


def test_one_that_is_finished_is_not_gone_on_with() -> None:
    first = Reset.open_for(HOST)
    first.finish_stage("uninstall")
    first.save_progress(finished=True)
    assert Reset.open_for(HOST).progress.done == ()


def test_the_plan_that_was_shown_is_approved_by_its_digest_and_spent_when_it_is_done() -> None:
    reset = Reset.open_for(HOST)
    plan = shown(reset, "uninstall")
    assert reset.approve_plan("uninstall", plan.digest[:SHORT]) == plan
    assert Reset.open_for(HOST).progress.approved == plan.digest
    reset.finish_stage("uninstall")
    assert reset.progress.approved == ""


@pytest.mark.parametrize("digest", ["", "abc", "0" * SHORT])
def test_another_digest_or_too_little_of_it_approves_nothing(digest: str) -> None:
    reset = Reset.open_for(HOST)
    plan = shown(reset, "uninstall")
    with pytest.raises(Stale, match=f"that is {plan.digest[:SHORT]}"):
        reset.approve_plan("uninstall", digest or plan.digest[: SHORT - 1])
    assert Reset.open_for(HOST).progress.approved == ""


def test_the_digest_of_a_stage_that_is_done_is_spent() -> None:
    reset = Reset.open_for(HOST)
    digest = shown(reset, "uninstall").digest[:SHORT]
    assert not reset.approves_a_finished_stage(digest)
    reset.finish_stage("uninstall")
    approved = [reset.approves_a_finished_stage(text) for text in (digest, "", "0" * SHORT)]
    assert approved == [True, False, False]


def test_a_plan_that_was_stopped_for_good_is_not_approved_again() -> None:
    reset = Reset.open_for(HOST)
    plan = shown(reset, "uninstall")
    reset.discard_plan(reset.approve_plan("uninstall", plan.digest))
    with pytest.raises(Stale, match="was stopped"):
        Reset.open_for(HOST).approve_plan("uninstall", plan.digest)


def test_a_plan_that_an_older_ks_reset_has_shown_is_none() -> None:
    reset = Reset.open_for(HOST)
    planning.save(structs.replace(shown(reset, "uninstall"), schema=1), reset.plan_path("uninstall"))
    assert reset.shown_plan("uninstall") is None


def test_before_a_plan_was_shown_there_is_none_to_approve() -> None:
    with pytest.raises(Stale, match="that is none yet"):
        Reset.open_for(HOST).approve_plan("uninstall", "0" * SHORT)


def test_a_record_that_cannot_be_read_is_said() -> None:
    reset = Reset.open_for(HOST)
    reset.save_progress()
    (reset.folder / "reset.json").write_text('{"host": 1')
    with pytest.raises(Usage, match="Move it away"):
        Reset.open_for(HOST)


def test_it_is_nobody_elses_to_read() -> None:
    reset = Reset.open_for(HOST)
    reset.save_progress()
    assert (reset.folder.stat().st_mode & 0o777, (reset.folder / "reset.json").stat().st_mode & 0o777) == (0o700, 0o600)
