"""The journal of a run: before-images, who, when. Append-only JSON lines, each on disk before the next request.

A run can be killed at any line. Facts decide the remaining actions; the journal keeps the history.
"""

import os
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any, Self

from ks_reset import local
from ks_reset.decoding import convert_to
from ks_reset.errors import SAME_CALL, Refused, Stopped, Usage
from ks_reset.journal.chain import digest_of_last_line, digest_of_line, line_of, unchanged_entries
from ks_reset.journal.entries import is_done, journal_entries, journal_file
from ks_reset.journal.runs import command_to_set_aside
from ks_reset.local import state_dir, user_and_machine, working_folder
from ks_reset.model import Action, Approval, Body, Obj, Plan
from ks_reset.plan.file import encode_plan


class Journal:
    """The record of all runs of one plan. One process of this machine at a time works on a cluster."""

    def __init__(self, folder: Path, clusters: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self.baseline = folder / "baseline.json.gz"
        self.before = folder / "before.json.gz"
        self._clusters = clusters
        self._held: list[int] = []
        self._one = Lock()
        self._ended: set[str] | None = None
        self._file: int | None = None
        self._last: str | None = None

    @classmethod
    def of_plan(cls, plan: Plan) -> Self:
        """The journal of this plan; no file is created yet."""
        clusters = tuple(cluster.identity for cluster in plan.clusters)
        return cls(state_dir() / "runs" / local.file_name(f"{plan.playbook}-{plan.digest[:16]}"), clusters)

    def __enter__(self) -> Self:
        path = journal_file(self.folder)
        try:
            local.private_folder(self.folder)
            for identity in self._clusters:
                self._held.append(local.open_locked(self.folder.parent / f"{local.file_name(identity)}.lock"))
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
            self._last = None
            self._ended = None  # another process may have written until now
        except BlockingIOError as error:
            self.__exit__()
            raise Refused(
                f"Another ks-reset on this machine works on one of these clusters now ({path}). Let it end, then run "
                "the same command again. Who works: ks-reset runs list."
            ) from error
        except OSError as error:
            self.__exit__()
            raise Usage(
                f"The journal {path} cannot be written: {error.strerror}. Make room, or make it writable.",
                SAME_CALL,
            ) from error
        return self

    def __exit__(self, *_: object) -> None:
        for held in (*self._held, *([] if self._file is None else [self._file])):
            os.close(held)
        self._held, self._file = [], None

    @property
    def holder(self) -> str:
        """The holder of the run locks: the same for every run of this plan with this folder.

        Two machines, or two state directories, differ by a random token, drawn when the folder is created.
        """
        drawn = self.folder / "holder"
        if not drawn.exists():
            local.write_private_file(drawn, secrets.token_hex(4).encode())
        return f"{user_and_machine()}/{self.folder.name}/{drawn.read_text()}"

    def require_unchanged(self) -> None:
        """Raises Refused with the way on if a line of the journal does not fit the one before it."""
        leave = f"To leave that run out: {command_to_set_aside(self.folder)}, then the same command again"
        unchanged_entries(self.folder, f"{leave}; what it has changed is then not compared with anything.")

    def start_run(self, plan: Plan, approval: Approval | None = None, call: str = "") -> None:
        """Keep the plan beside the journal, and write who began this run, where, when and by which `call`.

        An approval says who approved it and how.
        """
        try:
            local.write_private_file(self.folder / "plan.json", encode_plan(plan))
        except OSError as error:
            raise self._unwritable(error) from error
        approved = {"approved": approval} if approval else {}
        who = {"by": user_and_machine(), "pid": os.getpid(), "call": call, "where": working_folder()}
        self.note_event("run", plan=plan.digest, **who, **approved)

    def begin_action(self, action: Action, before: Body) -> None:
        """Write action and before-image; on return they are on disk."""
        self.begin_actions([(action, before)])

    def begin_actions(self, begun: Sequence[tuple[Action, Body]]) -> None:
        """Write these actions with their before-images; on return all are on disk, by one sync."""
        self._write_events([("begin", {"action": action, "before": before}) for action, before in begun])

    def end_action(self, action: Action, outcome: str) -> None:
        self.end_actions([action], outcome)

    def end_actions(self, ended: Sequence[Action], outcome: str) -> None:
        self._write_events([("end", {"action": action.id, "outcome": outcome}) for action in ended])
        if self._ended is not None:
            self._ended.update(action.id for action in ended)

    def note_answers(self, answers: Sequence[tuple[Action, str, str]]) -> None:
        """Write for each of these actions begun what became of its request, and why.

        `answered`: the effect is still to be seen; `unanswered`: an error or no answer; `unsent`: never sent.
        """
        self._write_events([(event, {"action": action.id, "why": why}) for action, event, why in answers])

    def note_event(self, event: str, **fields: Any) -> None:
        """Write an event of the run as a whole: stopped, interrupted, done."""
        self._write_events([(event, fields)])

    def proven_locks(self) -> dict[str, str]:
        """The versions of the leader-election locks at the last proof of quiet, by controller."""
        proofs = [entry["locks"] for entry in journal_entries(self.folder) if entry["event"] == "quiet"]
        return {name: version for proof in proofs for name, version in proof.items()}

    def held_objects(self) -> dict[str, list[Obj]]:
        """The cluster-scoped objects watched on each cluster in any run of this plan, except namespaces."""
        held: dict[str, list[Obj]] = {}
        for entry in journal_entries(self.folder):
            if entry["event"] == "held":
                watched = [convert_to(obj, Obj) for obj in entry["objects"]]
                held.setdefault(entry["cluster"], []).extend(obj for obj in watched if obj.kind.group)
        return held

    def note_watched(self, identity: str, namespaces: dict[str, str]) -> None:
        """Write which namespaces of a cluster are watched from now on, by name and UID."""
        self.note_event("watched", cluster=identity, namespaces=namespaces)

    def watched_namespaces(self) -> dict[str, dict[str, str]]:
        """The namespaces last watched on each cluster in an unfinished run of this plan, by name and UID."""
        watched: dict[str, dict[str, str]] = {}
        for entry in journal_entries(self.folder):
            if entry["event"] == "done":
                watched = {}
            elif entry["event"] == "watched":
                watched[entry["cluster"]] = entry["namespaces"]
        return watched

    def ended_actions(self) -> set[str]:
        """The ids of the actions completed in any run of this plan."""
        if self._ended is None or self._file is None:
            self._ended = {e["action"] for e in journal_entries(self.folder) if e["event"] == "end"}
        return self._ended

    def is_finished(self) -> bool:
        """Whether a run of this plan is done."""
        return is_done(self.folder)

    def is_begun(self) -> bool:
        """Whether a run of this plan was ever started."""
        return (self.folder / "plan.json").is_file()

    def _write_events(self, events: Sequence[tuple[str, dict[str, Any]]]) -> None:
        assert self._file is not None, "the journal is open while a plan is applied"
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        try:
            with self._one:  # several clusters are worked on at once
                self._append([{"at": now, "event": event, **fields} for event, fields in events])
        except OSError as error:
            raise self._unwritable(error) from error

    def _append(self, entries: Sequence[dict[str, Any]]) -> None:
        """Append these entries, each with the digest of the line before it, by one sync. Raises OSError.

        What is in the file is read at the first write, and after one that failed: its last line may be cut short.
        """
        assert self._file is not None
        if not entries:
            return
        if self._last is None:
            local.end_last_line(self._file)
            self._last = digest_of_last_line(self._file)
        last, lines = self._last, list[bytes]()
        for entry in entries:
            lines.append(line_of(entry, last))
            last = digest_of_line(lines[-1])
        self._last = None
        local.append_and_sync(self._file, b"".join(line + b"\n" for line in lines))
        self._last = last

    def _unwritable(self, error: OSError) -> Stopped:
        return Stopped(
            f"The journal in {self.folder} cannot be written: {error.strerror}. Nothing is sent without it. Check the "
            "disk, then run the same command again."
        )
