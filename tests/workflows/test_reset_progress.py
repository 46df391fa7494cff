"""The progress of a reset: kept in a file, resumed, approved by digest only."""

from pathlib import Path

import pytest
from msgspec import structs

from ks_reset.errors import Stale, Usage
from ks_reset.model import Options, Plan
from ks_reset.plan import file as plan_file
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.plan.file import OtherSchema
from ks_reset.workflows.reset_progress import SHORT, Reset
from tests.build import facts

HOST = "11112222-3333"


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path))
    return tmp_path


def shown(reset: Reset, stage: str) -> Plan:
    plan = planning.make_plan(playbooks.load_playbook(stage), facts([]), Options())
    reset.save_progress()
    plan_file.save_plan(plan, reset.plan_path(stage))
    return plan


def test_a_reset_resumes_at_its_stage_and_only_on_its_host() -> None:
    first = Reset.open_for(HOST)
    first.finish_stage("uninstall")
    again, other = Reset.open_for(HOST), Reset.open_for("11112222-4444")
    assert (again.folder, again.progress.done) == (first.folder, ("uninstall",))
    assert other.progress.done == ()


def test_a_finished_reset_is_not_resumed() -> None:
    first = Reset.open_for(HOST)
    first.finish_stage("uninstall")
    first.save_progress(finished=True)
    assert Reset.open_for(HOST).progress.done == ()


def test_the_shown_plan_is_approved_by_its_digest_and_discarded_when_done() -> None:
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


def test_the_digest_of_a_finished_stage_approves_nothing() -> None:
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


def test_a_plan_shown_by_an_older_ks_reset_does_not_count() -> None:
    reset = Reset.open_for(HOST)
    plan_file.save_plan(structs.replace(shown(reset, "uninstall"), schema=1), reset.plan_path("uninstall"))
    assert reset.shown_plan("uninstall") is None


def test_a_stage_that_another_version_has_begun_is_said_with_what_to_do(state: Path) -> None:
    reset = Reset.open_for(HOST)
    plan = reset.approve_plan("uninstall", shown(reset, "uninstall").digest)
    plan_file.save_plan(structs.replace(plan, schema=5), reset.plan_path("uninstall"))
    assert Reset.open_for(HOST).shown_plan("uninstall") is None, "approved and not begun: a new plan is made"
    (state / "runs" / f"uninstall-{plan.digest[:16]}").mkdir(parents=True)
    with pytest.raises(OtherSchema, match=r"Finish uninstall with that version.*reset --memory .*/memory\.json\.gz"):
        Reset.open_for(HOST)
    reset.finish_stage("uninstall")
    assert Reset.open_for(HOST).progress.done == ("uninstall",)


def test_before_a_plan_was_shown_there_is_none_to_approve() -> None:
    with pytest.raises(Stale, match="that is none yet"):
        Reset.open_for(HOST).approve_plan("uninstall", "0" * SHORT)


def test_an_unreadable_progress_file_is_reported() -> None:
    reset = Reset.open_for(HOST)
    reset.save_progress()
    (reset.folder / "reset.json").write_text('{"host": 1')
    with pytest.raises(Usage, match="Move it away"):
        Reset.open_for(HOST)


def test_only_its_owner_may_read_the_file() -> None:
    reset = Reset.open_for(HOST)
    reset.save_progress()
    assert (reset.folder.stat().st_mode & 0o777, (reset.folder / "reset.json").stat().st_mode & 0o777) == (0o700, 0o600)
