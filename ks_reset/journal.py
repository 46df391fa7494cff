"""The journal of a run: before-images, who, when. Append-only JSON lines, each on disk before the next request.

A run can be killed at any line. Facts decide the remaining actions; the journal keeps the history.
"""

import os
import secrets
import shlex
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from threading import Lock
from typing import Any, Self

import msgspec

from ks_reset import local
from ks_reset.errors import Refused, Stale, Stopped, Usage
from ks_reset.limits import JOURNAL_BYTES, decode_json, read_file
from ks_reset.local import state_dir, user_and_machine, working_folder
from ks_reset.model import Action, Body, Obj, Plan
from ks_reset.plan.file import SCHEMA, Header, OtherSchema, encode_plan, load_plan, read_header


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

    @classmethod
    def of_plan(cls, plan: Plan) -> Self:
        """The journal of this plan; no file is created yet."""
        clusters = tuple(cluster.identity for cluster in plan.clusters)
        return cls(state_dir() / "runs" / local.file_name(f"{plan.playbook}-{plan.digest[:16]}"), clusters)

    def __enter__(self) -> Self:
        path = self.folder / "journal.jsonl"
        try:
            local.private_folder(self.folder)
            for identity in self._clusters:
                self._held.append(local.open_locked(self.folder.parent / f"{local.file_name(identity)}.lock"))
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
            local.end_last_line(self._file)
            self._ended = None  # another process may have written until now
        except BlockingIOError as error:
            self.__exit__()
            raise Refused(f"Another ks-reset on this machine works on one of these clusters now ({path}).") from error
        except OSError as error:
            self.__exit__()
            raise Usage(f"The journal {path} cannot be written: {error.strerror}. Set KS_RESET_STATE.") from error
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

    def start_run(self, plan: Plan, call: str = "") -> None:
        """Keep the plan beside the journal, and write who began this run, where, when and by which `call`."""
        try:
            local.write_private_file(self.folder / "plan.json", encode_plan(plan))
        except OSError as error:
            raise self._unwritable(error) from error
        who = {"by": user_and_machine(), "pid": os.getpid(), "call": call, "where": working_folder()}
        self.note_event("run", plan=plan.digest, **who)

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

    def held_objects(self, identity: str) -> list[Obj]:
        """The cluster-scoped objects watched on a cluster in any run of this plan, except namespaces."""
        notes = [
            e["objects"] for e in journal_entries(self.folder) if e["event"] == "held" and e["cluster"] == identity
        ]
        watched = [msgspec.convert(obj, Obj) for objects in notes for obj in objects]
        return [obj for obj in watched if obj.kind.group]

    def ended_actions(self) -> set[str]:
        """The ids of the actions completed in any run of this plan."""
        if self._ended is None or self._file is None:
            self._ended = {e["action"] for e in journal_entries(self.folder) if e["event"] == "end"}
        return self._ended

    def is_finished(self) -> bool:
        """Whether a run of this plan is done."""
        return _is_done(self.folder)

    def is_begun(self) -> bool:
        """Whether a run of this plan was ever started."""
        return (self.folder / "plan.json").is_file()

    def _write_events(self, events: Sequence[tuple[str, dict[str, Any]]]) -> None:
        assert self._file is not None, "the journal is open while a plan is applied"
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        lines = [msgspec.json.encode({"at": now, "event": event, **fields}) + b"\n" for event, fields in events]
        try:
            with self._one:  # several clusters are worked on at once
                if lines:
                    local.append_and_sync(self._file, b"".join(lines))
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> Stopped:
        return Stopped(
            f"The journal in {self.folder} cannot be written: {error.strerror}. Nothing is sent without it. Check the "
            "disk, then run the same command again."
        )


def journal_entries(folder: Path) -> list[Body]:
    """All complete lines of a journal; a line cut short by a kill is left out."""
    events, path = list[Body](), folder / "journal.jsonl"
    for line in read_file(path, JOURNAL_BYTES, "The journal").splitlines() if path.is_file() else []:
        with suppress(ValueError):
            entry = decode_json(line)
            if isinstance(entry, dict) and isinstance(entry.get("event"), str):
                events.append(entry)
    return events


def plan_of_run(folder: Path) -> Plan:
    """The plan of a run. Raises OtherSchema with what to do if another version of ks-reset made it."""
    path = folder / "plan.json"
    try:
        return load_plan(path)
    except OtherSchema as error:
        raise _other_schema(folder, error.schema, read_header(path).playbook) from error


def require_no_unfinished(plan: Plan) -> None:
    """Raises OtherSchema for a run on these clusters with requests sent, not done, and with a plan of another schema.

    Raises Stale if the plan of such a run cannot be read.

    Its plan has actions still to be watched and a baseline to compare with; only the version of that run reads it. A
    run before the last finished one on a cluster is superseded there, as in `runs_since_baseline`.
    """
    for cluster in plan.clusters:
        for folder in takewhile(lambda run: not _is_done(run), reversed(runs_on(cluster.identity))):
            header, events = _header_of_run(folder), {entry["event"] for entry in journal_entries(folder)}
            if header.schema != SCHEMA and "begin" in events:
                raise _other_schema(folder, header.schema, header.playbook)


def _header_of_run(folder: Path) -> Header:
    """Schema and playbook of a run's plan. Raises Stale with the way on if the file is no plan."""
    try:
        return read_header(folder / "plan.json")
    except Stale as error:
        raise Stale(
            f"The plan of the run in {folder} cannot be read, so whether it is finished is unknown: {error} Nothing "
            f"was sent. To leave that run out: {_command_to_set_aside(folder)}, then the same command again."
        ) from error


def _command_to_set_aside(folder: Path) -> str:
    """The shell command that moves a run out of the folder of runs."""
    return shlex.join(["mv", str(folder), str(folder.parent.parent)])


def _other_schema(folder: Path, schema: int, playbook: str) -> OtherSchema:
    move = _command_to_set_aside(folder)
    finished = f"Verify it, or restore from it, with that version. Or leave it out: {move}, then the same command again"
    unfinished = (
        "Nothing was sent. Finish and verify it with that version. "
        f"Or give it up: {move}, then ks-reset plan {playbook} --out plan.json, with the same flags"
    )
    return OtherSchema(
        f"The run in {folder} was made by another version of ks-reset: its plan has schema {schema}, and this version "
        f"reads schema {SCHEMA}. {finished if _is_done(folder) else unfinished}; what that run has changed is then "
        "not compared with anything.",
        schema,
    )


def runs_on(identity: str) -> list[Path]:
    """The folders of the runs whose plan names this cluster, by the time of their last event."""
    folders = [p for p in (state_dir() / "runs").glob("*") if (p / "plan.json").is_file()]
    return sorted(
        (p for p in folders if identity.encode() in (p / "plan.json").read_bytes()),
        key=lambda p: (p / "journal.jsonl").stat().st_mtime,
    )


def runs_since_baseline(identity: str) -> list[Path]:
    """The runs on this cluster, from the first one with a baseline after the last finished run; [] for none.

    Harm done by a stopped run is thus compared with the baseline before it, not with the next one.
    """
    mine = runs_on(identity)
    starts = [0, *(i + 1 for i, folder in enumerate(mine[:-1]) if _is_done(folder))]
    kept = [i for i, folder in enumerate(mine) if (folder / "baseline.json.gz").is_file()]
    indices = [i for start in reversed(starts) for i in kept if i >= start]
    return mine[indices[0] :] if indices else []


def _is_done(folder: Path) -> bool:
    return any(entry["event"] == "done" for entry in journal_entries(folder))
