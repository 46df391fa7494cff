"""The chain of a journal: a changed, removed, added or moved line is told, and a journal cut at its end is not."""

import json
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ks_reset import local
from ks_reset.apply.context import Progress
from ks_reset.apply.run import apply_forward
from ks_reset.credentials.fill import Credentials
from ks_reset.errors import Exit, Refused, Stopped
from ks_reset.journal import Journal, chain_of, journal_entries
from ks_reset.journal.chain import TAIL
from ks_reset.model import Approval, FleetFacts
from ks_reset.plan import playbook as playbooks
from ks_reset.report.handover.summary import summary_of
from ks_reset.workflows.restore import images_of_run
from ks_reset.workflows.run_report import run_report
from ks_reset.workflows.verify import verify_fleet
from tests.commands import takes_all_flags
from tests.report.runs import finished_run

Lines = list[bytes]
HARM: dict[str, tuple[Callable[[Lines], Lines], int]] = {
    "a changed line": (lambda lines: [*lines[:3], lines[3].replace(b'"at":"2', b'"at":"3'), *lines[4:]], 5),
    "a removed line": (lambda lines: lines[:3] + lines[4:], 4),
    "the first line removed": (lambda lines: lines[1:], 1),
    "two lines in another order": (lambda lines: [*lines[:3], lines[4], lines[3], *lines[5:]], 4),
    "an added line": (lambda lines: [*lines[:3], lines[3], *lines[3:]], 5),
    "an added line without a digest": (lambda lines: [*lines[:3], b'{"event":"done"}', *lines[3:]], 4),
    "a line that is no JSON any more": (lambda lines: [*lines[:3], lines[3][:-1], *lines[4:]], 5),
}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, FleetFacts]:
    """The folder of a finished run, and the facts after it."""
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path))
    folder, _, after = finished_run()
    return folder, after


def rewrite(folder: Path, change: Callable[[Lines], Lines]) -> None:
    path = folder / "journal.jsonl"
    path.write_bytes(b"\n".join(change(path.read_bytes().split(b"\n"))))


def without_chain(lines: Lines) -> Lines:
    """The lines as earlier versions wrote them."""
    bare = [{k: v for k, v in json.loads(line).items() if k not in ("prev", "approved")} for line in lines if line]
    return [*(json.dumps(entry).encode() for entry in bare), b""]


def test_a_journal_as_written_fits(run: tuple[Path, FleetFacts]) -> None:
    chain = chain_of(run[0])
    assert (chain.lines, chain.first, chain.broken) == (len(journal_entries(run[0])), 1, "")
    assert chain.lines > 10


@pytest.mark.parametrize("harm", HARM)
def test_a_changed_journal_is_told_with_its_line_by_apply_verify_report_and_restore(
    harm: str, run: tuple[Path, FleetFacts]
) -> None:
    folder, after = run
    change, line = HARM[harm]
    rewrite(folder, change)
    assert f"line {line} " in chain_of(folder).broken
    assert any(f"line {line} " in text for text in verify_fleet(after).unknown)
    report = run_report(folder, after)
    assert not report.verdict.clean
    assert f"line {line} " in " ".join(report.verdict.unknown)
    assert f"line {line} " in dict(summary_of(report).facts)["Journal"]
    with pytest.raises(Refused, match=f"line {line} "):
        images_of_run(folder.name, None)
    with pytest.raises(Refused, match=f"line {line} .*Nothing was sent") as refused:
        resume(folder)
    assert refused.value.exit == Exit.REFUSED


def resume(folder: Path) -> None:
    """Apply the plan of the run again; nobody is there to be asked."""
    from ks_reset.journal import plan_of_run

    nobody: Any = None
    plan = plan_of_run(folder)
    told = Progress(*[lambda *_: None] * 4)
    apply_forward(nobody, plan, playbooks.load_playbook(plan.playbook), told, 1.0, Credentials())


def test_the_way_on_from_a_changed_journal_is_typed(run: tuple[Path, FleetFacts]) -> None:
    folder, _ = run
    rewrite(folder, HARM["a removed line"][0])
    with pytest.raises(Refused) as refused:
        resume(folder)
    words = shlex.split(str(refused.value).partition("To leave that run out: ")[2].partition(", then")[0])
    assert words[0] == "mv"
    kept = shutil.copytree(folder, folder.parent / "kept")
    shutil.move(words[1], words[2])
    assert not folder.exists()
    shutil.rmtree(kept)
    assert chain_of(folder).broken == ""


def test_a_restore_by_the_readable_lines_is_typed(run: tuple[Path, FleetFacts]) -> None:
    folder, _ = run
    before = len(images_of_run(folder.name, None))
    rewrite(folder, HARM["a removed line"][0])
    with pytest.raises(Refused) as refused:
        images_of_run(folder.name, None)
    words = shlex.split(str(refused.value).rpartition("before it is applied: ")[2])
    assert takes_all_flags(words)
    assert words[:5] == ["ks-reset", "plan", "restore", "--run", folder.name]
    assert "--accept-changed-journal" in words
    assert len(images_of_run(folder.name, None, accept_changed=True)) in (before - 1, before)


def test_a_journal_cut_at_any_byte_fits_and_goes_on(run: tuple[Path, FleetFacts]) -> None:
    folder, _ = run
    path = folder / "journal.jsonl"
    whole = path.read_bytes()[: 6 * len(path.read_bytes().split(b"\n")[1])]
    for size in range(0, len(whole), 7):
        path.write_bytes(whole[:size])
        assert chain_of(folder).broken == "", size
        with Journal(folder) as again:
            again.note_event("run", by="me")
            again.note_event("done")
        assert chain_of(folder).broken == "", size


def test_a_journal_without_digests_is_readable_and_said_to_have_none(run: tuple[Path, FleetFacts]) -> None:
    folder, after = run
    rewrite(folder, without_chain)
    assert (chain_of(folder).first, chain_of(folder).broken) == (0, "")
    told = dict(summary_of(run_report(folder, after)).facts)
    assert "not chained" in told["Journal"]
    assert "not recorded" in told["Approved by"]
    lines = chain_of(folder).lines
    with Journal(folder) as again:
        again.note_event("done")
    assert chain_of(folder).first == lines + 1
    assert f"chained from line {lines + 1}" in dict(summary_of(run_report(folder, after)).facts)["Journal"]


def test_who_approved_when_and_how_is_in_the_journal_and_in_the_report(run: tuple[Path, FleetFacts]) -> None:
    folder, after = run
    given = Approval("ann@desk", "2026-01-01T00:00:00+00:00", "the host's name, typed")
    with Journal(folder) as again:
        again.start_run(run_report(folder, after).plan, given)
    told = dict(summary_of(run_report(folder, after)).facts)["Approved by"]
    assert told == "ann@desk at 2026-01-01T00:00:00+00:00: the host's name, typed"


def test_a_write_that_failed_half_way_leaves_a_journal_that_fits(
    run: tuple[Path, FleetFacts], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = run

    def half(file: int, data: bytes) -> None:
        import os

        os.write(file, data[: len(data) // 2])
        raise OSError(28, "No space left on device")

    with Journal(folder) as again:
        again.note_event("run", by="me")
        with monkeypatch.context() as full:
            full.setattr(local, "append_and_sync", half)
            with pytest.raises(Stopped):
                again.note_event("quiet", locks={})
        again.note_event("stopped", why="full")
    assert chain_of(folder).broken == ""
    assert journal_entries(folder)[-1]["event"] == "stopped"


def test_the_journal_is_read_at_the_first_write_alone_and_its_last_line_alone(
    run: tuple[Path, FleetFacts], monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    folder, read = run[0], list[int]()
    with (folder / "journal.jsonl").open("ab") as file:
        file.write(b"x" * (3 * TAIL) + b"\n")
    pread = os.pread

    def counted(file: int, size: int, at: int) -> bytes:
        read.append(size)
        return pread(file, size, at)

    monkeypatch.setattr(os, "pread", counted)
    with Journal(folder) as again:
        for _ in range(50):
            again.note_event("quiet", locks={})
    assert sum(read) < 5 * TAIL
    monkeypatch.undo()
    assert chain_of(folder).broken == ""
