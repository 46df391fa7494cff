"""A reset without a cluster: which plan is shown and approved, and what stops the way from one stage to the next."""

from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from ks_reset import facts as reading
from ks_reset.errors import Correction, Refused, Stale, Unknown, Usage
from ks_reset.facts import Clients
from ks_reset.journal import Journal
from ks_reset.model import Approval, FleetFacts, Options, Plan
from ks_reset.workflows import reset as workflow
from ks_reset.workflows.apply import Applied
from ks_reset.workflows.inputs import Inputs
from ks_reset.workflows.reset import Awaiting, Job, Nothing, carry_out, run_stages, verify_stage
from ks_reset.workflows.reset_checks import require_recorded_names
from ks_reset.workflows.reset_progress import SHORT, Reset
from tests.build import Rows, facts
from tests.recorder import Recorder

WORKSPACE = {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace", "metadata": {"name": "ws1"}}
BOUND = {"kind": "Namespace", "metadata": {"name": "shop", "labels": {"kubesphere.io/workspace": "ws1"}}}
ROWS: Rows = [WORKSPACE, BOUND]


class Fleet:
    """The facts that are read next, and the plans that were applied."""

    def __init__(self) -> None:
        self.facts: FleetFacts = facts(ROWS)
        self.applied, self.approvals = list[Plan](), list[str]()
        self.error: Exception | None = None
        self.keeps_baseline = True

    def gather(self, *_: Any) -> FleetFacts:
        return self.facts

    def apply(self, _: Clients, plan: Plan, *__: Any, approval: Approval) -> Applied:
        self.approvals.append(approval.how)
        if self.error:
            raise self.error
        self.applied.append(plan)
        self.facts = facts([])
        if self.keeps_baseline:
            with Journal.of_plan(plan) as journal:
                journal.start_run(plan)
                reading.save_snapshot(self.facts, journal.baseline)
        return Applied(plan, workflow.playbooks.load_playbook(plan.playbook), 1, Path("journal"))


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fleet:
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path))
    made = Fleet()
    monkeypatch.setattr(reading, "read_fleet", made.gather)
    monkeypatch.setattr(workflow, "apply_plan", made.apply)
    return made


def job(user: Recorder, **more: Any) -> Job:
    clients: Any = Clients(None, {})  # type: ignore[arg-type]  # nothing is asked
    inputs = more.pop("inputs", Inputs(digest="these files"))
    return Job(clients, Reset.open_for("uid-of-host"), inputs, Options(), 1, user, **more)


def test_without_a_terminal_a_stage_ends_with_its_plan_shown_and_nothing_applied(fleet: Fleet) -> None:
    user = Recorder()
    outcome = carry_out(job(user), "uninstall")
    assert isinstance(outcome, Awaiting)
    assert (user.shown, user.asked, fleet.applied) == ([outcome.plan], [], [])
    assert outcome.path.is_file()


def test_a_plan_is_applied_once_it_is_approved_by_its_digest(fleet: Fleet) -> None:
    shown = carry_out(job(Recorder()), "uninstall")
    assert isinstance(shown, Awaiting)
    user = Recorder()
    applied = carry_out(job(user, approve=shown.plan.digest[:SHORT]), "uninstall")
    assert isinstance(applied, Applied)
    assert (fleet.applied, user.shown) == ([shown.plan], [])
    assert fleet.approvals == [f"--approve {shown.plan.digest[:SHORT]}"]


def test_on_a_terminal_the_plan_is_asked_about(fleet: Fleet) -> None:
    no, yes = Recorder(interactive=True, approves=False), Recorder(interactive=True)
    with pytest.raises(Refused, match="Not approved"):
        carry_out(job(no), "uninstall")
    assert fleet.applied == []
    assert isinstance(carry_out(job(yes), "uninstall"), Applied)
    assert fleet.applied == yes.asked == yes.shown
    assert fleet.approvals == ["the host's name, typed"]


def test_an_approved_plan_goes_on_without_a_question_unless_the_files_are_others(fleet: Fleet) -> None:
    fleet.error = KeyboardInterrupt()  # type: ignore[assignment]  # killed half-way
    with pytest.raises(KeyboardInterrupt):
        carry_out(job(Recorder(interactive=True)), "uninstall")
    fleet.error, user = None, Recorder()
    assert isinstance(carry_out(job(user), "uninstall"), Applied)
    assert user.shown == []
    fleet.facts = facts(ROWS)
    others = carry_out(job(user, inputs=Inputs(digest="other files")), "uninstall")
    assert isinstance(others, Awaiting)
    assert any("Flags or files are others" in line for line in user.lines)


def test_other_files_than_when_the_plan_was_shown_cannot_approve_it(fleet: Fleet) -> None:
    shown = carry_out(job(Recorder()), "uninstall")
    assert isinstance(shown, Awaiting)
    with pytest.raises(Stale, match="Flags or files are others"):
        carry_out(job(Recorder(), approve=shown.plan.digest, inputs=Inputs(digest="other files")), "uninstall")
    assert fleet.applied == []


def test_a_plan_that_became_stale_is_not_applied_again(fleet: Fleet) -> None:
    fleet.error = Stale("The clusters are others.")
    with pytest.raises(Stale, match="The clusters are others"):
        carry_out(job(Recorder(interactive=True)), "uninstall")
    fleet.error, user = None, Recorder()
    assert isinstance(carry_out(job(user), "uninstall"), Awaiting)


def test_where_nothing_can_be_given_back_nothing_begins(fleet: Fleet) -> None:
    fleet.facts = facts([])
    with pytest.raises(Refused, match=r"nothing of KubeSphere on host.* or with --memory SNAPSHOT"):
        carry_out(job(Recorder()), "uninstall")
    remembered = Inputs(digest="these files", before=facts(ROWS))
    assert isinstance(carry_out(job(Recorder(), inputs=remembered), "uninstall"), Nothing)


def test_the_stages_that_are_done_are_passed_over(fleet: Fleet) -> None:
    user = Recorder()
    (first,) = run_stages(job(user))
    assert isinstance(first, Awaiting)
    again = Recorder()
    outcomes = run_stages(job(again, approve=first.plan.digest))
    assert isinstance(next(outcomes), Applied)
    assert Reset.open_for("uid-of-host").progress.done == ("uninstall",)
    assert isinstance(next(outcomes), Nothing)
    assert len(again.verdicts) == 1
    assert Reset.open_for("uid-of-host").progress.done == ("uninstall", "verify")


def test_a_baseline_that_is_missing_after_a_removal_stops_the_way_unless_accepted(fleet: Fleet) -> None:
    fleet.keeps_baseline = False
    carry_out(job(Recorder(interactive=True)), "uninstall")
    with pytest.raises(Refused, match="bystanders of host could not be compared"):
        verify_stage(job(Recorder()))
    assert isinstance(verify_stage(job(Recorder(), accept=True)), Nothing)


def test_where_nothing_was_removed_no_baseline_is_needed(fleet: Fleet) -> None:
    fleet.facts = facts([])
    assert isinstance(verifying(fleet, facts([])), Nothing)


def verifying(fleet: Fleet, before: FleetFacts, **more: Any) -> Nothing:
    made = job(Recorder(), **more)
    made.reset.save_memory(before)
    return verify_stage(made)


def test_what_uninstall_would_take_off_opens_that_stage_again(fleet: Fleet) -> None:
    Reset.open_for("uid-of-host").finish_stage("uninstall")
    with pytest.raises(Refused, match="something again that uninstall takes off"):
        verifying(fleet, facts(ROWS))
    assert Reset.open_for("uid-of-host").progress.done == ()


def test_a_member_is_named_as_its_host_names_it() -> None:
    dials = [{"record": "eu", "identity": "europe"}]
    with pytest.raises(Usage, match="member that you call europe is eu to its host") as refused:
        require_recorded_names(facts([], {"europe": []}, dials))
    assert refused.value.corrections == (Correction("--member europe=europe", "--member eu=europe"),)
    require_recorded_names(facts([], {"eu": []}, [{"record": "eu", "identity": "eu"}]))


def test_what_could_not_be_read_stops_the_way(fleet: Fleet) -> None:
    fleet.facts = facts([], gaps=[{"what": "list of pods", "why": "no answer"}])
    with pytest.raises(Unknown, match="list of pods"):
        verifying(fleet, facts(ROWS), accept=True)


def test_another_member_than_at_the_beginning_is_stale(fleet: Fleet) -> None:
    fleet.facts = facts([], {"eu": []})
    other = structs.replace(fleet.facts.members[0], identity="uid-of-another")
    before = structs.replace(fleet.facts, members=(other,))
    with pytest.raises(Stale, match=r"began with the member eu as uid-of-another.*--member eu=CONTEXT as then"):
        verifying(fleet, before)
    fleet.facts = before
    assert isinstance(verifying(fleet, before, accept=True), Nothing)
