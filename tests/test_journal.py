"""The journal: on disk before anything is sent, complete lines only, one process at a time."""

import errno
import json
import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from typer.testing import CliRunner

from ks_reset import local
from ks_reset.apply.preflight import preflight
from ks_reset.apply.remaining import sent_actions
from ks_reset.cli import app
from ks_reset.errors import Refused, Stale, Stopped, Usage
from ks_reset.journal import Journal, journal_entries, plan_of_run, require_no_unfinished, runs_since_baseline
from ks_reset.model import Options, Plan
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.plan.file import OtherSchema
from tests.build import facts


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path))
    rows = [{"kind": "Namespace", "metadata": {"name": "kubesphere-system"}}]
    return planning.make_plan(playbooks.load_playbook("uninstall"), facts(rows), Options())


def test_an_action_is_on_disk_with_its_before_image_before_it_is_done(plan: Plan) -> None:
    with Journal.of_plan(plan) as journal:
        journal.start_run(plan)
        journal.begin_action(plan.actions[-1], {"metadata": {"uid": "u"}})
        on_disk = (journal.folder / "journal.jsonl").read_text().splitlines()
    assert [json.loads(line)["event"] for line in on_disk] == ["run", "begin"]
    assert json.loads(on_disk[1])["before"] == {"metadata": {"uid": "u"}}
    assert (journal.folder / "journal.jsonl").stat().st_mode & 0o777 == 0o600


def test_a_line_cut_short_by_a_kill_is_left_out(plan: Plan) -> None:
    with Journal.of_plan(plan) as journal:
        journal.start_run(plan)
    with (journal.folder / "journal.jsonl").open("a") as out:
        out.write('{"event": "beg')
    assert [entry["event"] for entry in journal_entries(journal.folder)] == ["run"]


def test_a_line_cut_short_does_not_hide_the_next_one(plan: Plan) -> None:
    test_a_line_cut_short_by_a_kill_is_left_out(plan)
    with Journal.of_plan(plan) as journal:
        journal.start_run(plan)
    assert [entry["event"] for entry in journal_entries(journal.folder)] == ["run", "run"]


def test_the_ended_actions_of_all_runs_are_known_and_the_file_is_decoded_once(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = plan.actions[:2]
    ours, others = Journal.of_plan(plan), Journal.of_plan(plan)
    assert ours.ended_actions() == set()
    with others:
        others.end_action(first, "done")
    assert ours.ended_actions() == {first.id}, "another process may have written"
    with ours:
        assert ours.ended_actions() == {first.id}
        monkeypatch.setattr("ks_reset.journal.record.journal_entries", lambda _: pytest.fail("decoded again"))
        ours.end_action(second, "done")
        assert ours.ended_actions() == {first.id, second.id}


def test_many_actions_are_begun_and_ended_by_one_sync_each(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    with Journal.of_plan(plan) as journal:
        synced = list[int]()
        monkeypatch.setattr("os.fsync", synced.append)
        journal.begin_actions([(action, {}) for action in plan.actions])
        journal.end_actions(plan.actions[:2], "done")
        journal.note_answers([(plan.actions[2], "unsent", "")])
        journal.end_actions([], "done")
    assert len(synced) == 3
    events = [entry["event"] for entry in journal_entries(journal.folder)]
    assert events == ["begin"] * len(plan.actions) + ["end", "end", "unsent"]


def test_a_batch_cut_at_any_byte_leaves_its_complete_lines(plan: Plan) -> None:
    with Journal.of_plan(plan) as journal:
        journal.begin_actions([(action, {}) for action in plan.actions[:3]])
        journal.end_actions(plan.actions[:3], "done")
    path = journal.folder / "journal.jsonl"
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        complete = whole[:size].count(b"\n")
        events = [entry["event"] for entry in journal_entries(journal.folder)]
        assert events[:complete] == (["begin"] * 3 + ["end"] * 3)[:complete]
        assert len(events) <= complete + 1
        with Journal(journal.folder) as again:
            assert again.ended_actions() <= {action.id for action in plan.actions[:3]}
            again.end_action(plan.actions[0], "done")
        assert journal_entries(journal.folder)[-1]["event"] == "end"


def test_what_was_begun_and_never_sent_counts_as_not_sent(plan: Plan) -> None:
    first, second, third = plan.actions[:3]
    with Journal.of_plan(plan) as journal:
        journal.begin_actions([(first, {}), (second, {}), (third, {})])
        journal.note_answers([(first, "unanswered", "503"), (second, "unsent", "")])
        assert sent_actions(journal) == [first, third], "a run that is killed tells nothing of the third"
        journal.begin_actions([(first, {}), (second, {})])
        journal.note_answers([(first, "unsent", "")])
    assert sent_actions(journal) == [first, second, third], "the first was sent by an earlier run"


def test_a_full_disk_stops_the_run_with_a_message(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    write = os.write
    with Journal.of_plan(plan) as journal:
        journal.start_run(plan)
        monkeypatch.setattr(os, "write", full)
        said = r"No space left on device.*Check the disk, then run the same command again"
        with pytest.raises(Stopped, match=said):
            journal.begin_action(plan.actions[-1], {})
        monkeypatch.setattr(os, "write", write)
    with Journal.of_plan(plan) as again:
        again.begin_action(plan.actions[-1], {})
        assert sent_actions(again) == [plan.actions[-1]]


def test_a_journal_that_leads_elsewhere_is_not_written(plan: Plan, tmp_path: Path) -> None:
    with Journal.of_plan(plan) as journal:
        journal.start_run(plan)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.touch()
    (journal.folder / "journal.jsonl").unlink()
    (journal.folder / "journal.jsonl").symlink_to(elsewhere)
    with pytest.raises(Usage, match="cannot be written"), Journal.of_plan(plan):
        pass
    assert elsewhere.read_bytes() == b""


def test_a_file_is_written_completely_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "plan.json"
    local.write_private_file(path, b"one")
    assert path.stat().st_mode & 0o777 == 0o600

    def killed(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", killed)
    with pytest.raises(KeyboardInterrupt):
        local.write_private_file(path, b"two")
    assert (path.read_bytes(), [p.name for p in tmp_path.iterdir()]) == (b"one", ["plan.json"])
    local.write_private_file(Path("/dev/null"), b"three")
    assert Path("/dev/null").is_char_device()


def test_two_processes_do_not_apply_one_plan_at_once(plan: Plan) -> None:
    with Journal.of_plan(plan), pytest.raises(Refused, match="Another ks-reset") as refused, Journal.of_plan(plan):
        pass
    assert "Who works: ks-reset runs list." in str(refused.value)
    assert CliRunner().invoke(app, ["runs", "list"]).exit_code == 0
    with Journal.of_plan(plan) as again:
        again.start_run(plan)


def test_the_last_proof_of_quiet_is_recorded(plan: Plan) -> None:
    with Journal.of_plan(plan) as journal:
        journal.start_run(plan)
        assert journal.proven_locks() == {}
        journal.note_event("quiet", locks={"a": "1"})
        journal.note_event("quiet", locks={"a": "2"})
        assert journal.proven_locks() == {"a": "2"}


def test_runs_count_from_the_newest_that_kept_a_baseline(plan: Plan) -> None:
    assert runs_since_baseline("uid-of-host") == []
    with Journal.of_plan(plan) as journal:
        journal.start_run(plan)
        journal.baseline.write_bytes(b"x")
    assert runs_since_baseline("uid-of-host") == [journal.folder]
    assert runs_since_baseline("uid-of-another") == []


def test_a_run_that_stopped_counts_until_one_is_done(plan: Plan) -> None:
    plans = [structs.replace(plan, digest=f"{n}" * 64) for n in range(4)]
    for n, each in enumerate(plans):
        with Journal.of_plan(each) as journal:
            journal.start_run(each)
            journal.baseline.write_bytes(b"x")
            journal.note_event("done" if n in (0, 3) else "stopped")
        os.utime(journal.folder / "journal.jsonl", (n, n))
        assert runs_since_baseline("uid-of-host")[0] == Journal.of_plan(plans[min(n, 1)]).folder, n
    assert runs_since_baseline("uid-of-host") == [Journal.of_plan(each).folder for each in plans[1:]]


def by_another_version(plan: Plan, *events: str) -> Path:
    """The folder of a run whose plan has schema 5."""
    with Journal.of_plan(plan) as journal:
        journal.start_run(plan)
        journal.baseline.write_bytes(b"x")
        for event in events:
            journal.note_event(event)
    path = journal.folder / "plan.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"schema": 5, "options": {}}))
    return journal.folder


def test_a_run_of_another_version_that_is_not_done_stops_a_new_one_and_says_what_to_do(plan: Plan) -> None:
    nobody: Any = None
    folder = by_another_version(plan, "begin")
    newer, uninstall = structs.replace(plan, digest="9" * 64), playbooks.load_playbook("uninstall")
    with pytest.raises(
        OtherSchema, match=f"mv {folder} {folder.parent.parent}, then ks-reset plan uninstall .* same flags"
    ):
        preflight(nobody, newer, uninstall, print)


def test_the_command_that_gives_up_a_run_of_another_version_survives_a_space_in_the_path(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path / "Application Support"))
    folder = by_another_version(plan, "begin")
    with pytest.raises(OtherSchema, match="Or give it up: ") as raised:
        require_no_unfinished(structs.replace(plan, digest="9" * 64))
    command = str(raised.value).partition("give it up: ")[2].partition(", then")[0]
    assert shlex.split(command) == ["mv", str(folder), str(folder.parent.parent)]


def test_a_run_of_another_version_before_a_finished_run_stops_none(plan: Plan) -> None:
    first, brake = by_another_version(plan, "begin", "stopped"), structs.replace(plan, digest="1" * 64)
    os.utime(first / "journal.jsonl", (0, 0))
    second = by_another_version(brake, "begin")
    with pytest.raises(OtherSchema, match=first.parent.name):
        require_no_unfinished(structs.replace(plan, digest="9" * 64))
    with Journal(second) as journal:
        journal.note_event("done")
    require_no_unfinished(structs.replace(plan, digest="9" * 64))


@pytest.mark.parametrize("brake", ["unbind", "defuse"])
def test_a_run_of_another_version_does_not_hold_up_a_brake(plan: Plan, brake: str) -> None:
    nobody: Any = None
    by_another_version(plan, "begin")
    newer = structs.replace(plan, digest="9" * 64, playbook=brake)
    with pytest.raises(AttributeError, match="host"):  # it gets as far as reading the fleet, and nobody is there
        preflight(nobody, newer, playbooks.load_playbook(brake), print)


def test_a_run_whose_plan_cannot_be_read_stops_a_new_one_and_says_how_to_leave_it_out(plan: Plan) -> None:
    folder = by_another_version(plan, "begin")
    identity = plan.clusters[0].identity
    (folder / "plan.json").write_text(f"half of a plan for {identity}")
    with pytest.raises(Stale, match=r"To leave that run out: (mv \S+ \S+), then the same") as stale:
        require_no_unfinished(structs.replace(plan, digest="9" * 64))
    command = str(stale.value).partition("To leave that run out: ")[2].partition(",")[0]
    subprocess.run(shlex.split(command), check=True)
    require_no_unfinished(structs.replace(plan, digest="9" * 64))


@pytest.mark.parametrize("events", [(), ("begin", "done")])
def test_a_run_of_another_version_that_sent_nothing_or_is_done_stops_none(plan: Plan, events: tuple[str, ...]) -> None:
    by_another_version(plan, *events)
    require_no_unfinished(structs.replace(plan, digest="9" * 64))


def test_what_a_run_of_another_version_has_done_is_verified_by_that_version(plan: Plan) -> None:
    (folder,) = [by_another_version(plan, "begin", "done")]
    assert runs_since_baseline("uid-of-host") == [folder]
    with pytest.raises(OtherSchema, match=r"Verify it, or restore from it, with that version\. Or leave it out: mv "):
        plan_of_run(folder)


def test_the_namespaces_watched_last_are_known_to_the_next_run_until_one_is_done(plan: Plan) -> None:
    with Journal.of_plan(plan) as journal:
        journal.note_watched("host", {"shop": "u1"})
        journal.note_watched("member", {"other": "u2"})
        journal.note_watched("host", {"shop": "u1", "new": "u3"})
        assert Journal.of_plan(plan).watched_namespaces()["host"] == {"shop": "u1", "new": "u3"}
        journal.note_watched("host", {})
        assert journal.watched_namespaces() == {"host": {}, "member": {"other": "u2"}}
        journal.note_event("done", writes=1)
        assert journal.watched_namespaces() == {}
