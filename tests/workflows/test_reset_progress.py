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
    reset.keep()
    planning.save(plan, reset.plan(stage))
    return plan


def test_a_reset_goes_on_where_it_was_and_only_on_its_own_host() -> None:
    first = Reset.of(HOST)
    first.finish("uninstall")
    again, other = Reset.of(HOST), Reset.of("11112222-4444")
    assert (again.folder, again.progress.done) == (first.folder, ("uninstall",))
    assert other.progress.done == ()


def test_one_that_is_finished_is_not_gone_on_with() -> None:
    first = Reset.of(HOST)
    first.finish("uninstall")
    first.keep(finished=True)
    assert Reset.of(HOST).progress.done == ()


def test_the_plan_that_was_shown_is_approved_by_its_digest_and_spent_when_it_is_done() -> None:
    reset = Reset.of(HOST)
    plan = shown(reset, "uninstall")
    assert reset.approve("uninstall", plan.digest[:SHORT]) == plan
    assert Reset.of(HOST).progress.approved == plan.digest
    reset.finish("uninstall")
    assert reset.progress.approved == ""


@pytest.mark.parametrize("digest", ["", "abc", "0" * SHORT])
def test_another_digest_or_too_little_of_it_approves_nothing(digest: str) -> None:
    reset = Reset.of(HOST)
    plan = shown(reset, "uninstall")
    with pytest.raises(Stale, match=f"that is {plan.digest[:SHORT]}"):
        reset.approve("uninstall", digest or plan.digest[: SHORT - 1])
    assert Reset.of(HOST).progress.approved == ""


def test_the_digest_of_a_stage_that_is_done_is_spent() -> None:
    reset = Reset.of(HOST)
    digest = shown(reset, "uninstall").digest[:SHORT]
    assert not reset.over(digest)
    reset.finish("uninstall")
    assert (reset.over(digest), reset.over(""), reset.over("0" * SHORT)) == (True, False, False)


def test_a_plan_that_was_stopped_for_good_is_not_approved_again() -> None:
    reset = Reset.of(HOST)
    plan = shown(reset, "uninstall")
    reset.spend(reset.approve("uninstall", plan.digest))
    with pytest.raises(Stale, match="was stopped"):
        Reset.of(HOST).approve("uninstall", plan.digest)


def test_a_plan_that_an_older_ks_reset_has_shown_is_none() -> None:
    reset = Reset.of(HOST)
    planning.save(structs.replace(shown(reset, "uninstall"), schema=1), reset.plan("uninstall"))
    assert reset.shown("uninstall") is None


def test_before_a_plan_was_shown_there_is_none_to_approve() -> None:
    with pytest.raises(Stale, match="that is none yet"):
        Reset.of(HOST).approve("uninstall", "0" * SHORT)


def test_a_record_that_cannot_be_read_is_said() -> None:
    reset = Reset.of(HOST)
    reset.keep()
    (reset.folder / "reset.json").write_text('{"host": 1')
    with pytest.raises(Usage, match="Move it away"):
        Reset.of(HOST)


def test_it_is_nobody_elses_to_read() -> None:
    reset = Reset.of(HOST)
    reset.keep()
    assert (reset.folder.stat().st_mode & 0o777, (reset.folder / "reset.json").stat().st_mode & 0o777) == (0o700, 0o600)
