"""The runs in the state directory: what each is, how it stands, what is left of it, and the command to go on with.

Nothing is written, and a damaged folder is told instead of refused: it may be all that is known of an interruption.
"""

import os
import shlex
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from ks_reset import local
from ks_reset.apply.fallback import HOW_APPROVED
from ks_reset.apply.watch.run_lock import read_lease
from ks_reset.errors import Exit, ResetError
from ks_reset.facts import Clients
from ks_reset.journal import plan_of_run
from ks_reset.journal.entries import journal_file, mapping_of_line
from ks_reset.limits import JOURNAL_BYTES, read_file
from ks_reset.local import state_dir
from ks_reset.model import Action, Body, Plan
from ks_reset.workflows.restore import folder_of_run

ENDINGS = ("done", "stopped", "interrupted")


class RunRecord(Struct, frozen=True):
    """The folder of a run as read. `lines` are its journal, None for a line that is no entry.

    `unread` says what cannot be read, a sentence each.
    """

    folder: Path
    plan: Plan | None
    lines: tuple[Body | None, ...]
    unread: tuple[str, ...] = ()

    @property
    def entries(self) -> list[Body]:
        """The readable lines of the journal."""
        return [line for line in self.lines if line is not None]

    @property
    def last_start(self) -> Body:
        """The entry of the last start; {} without one."""
        return next((entry for entry in reversed(self.entries) if entry["event"] == "run"), {})

    @property
    def ending(self) -> Body:
        """The entry by which the last start ended; {} if it was killed, or runs."""
        last = next((e for e in reversed(self.entries) if e["event"] in ("run", *ENDINGS)), {})
        return last if last.get("event") in ENDINGS else {}

    @property
    def ended(self) -> dict[str, str]:
        """The actions that ended, by id, with the time of it."""
        return {str(e.get("action")): str(e.get("at", "")) for e in self.entries if e["event"] == "end"}

    @property
    def is_done(self) -> bool:
        """Whether the run came to its end: nothing of its plan is left, proofs without an entry of their own too."""
        return self.ending.get("event") == "done"

    def left(self, step: str = "") -> list[Action]:
        """The actions without an end in the journal, of one step or of all; none of a finished run."""
        ended, actions = self.ended, () if self.plan is None or self.is_done else self.plan.actions
        return [action for action in actions if action.id not in ended and step in ("", action.step)]


class RunState(Struct, frozen=True):
    """A run in a line. `state` is done, stopped, interrupted or running, then with its `holder`.

    `begun` and `ended` are UTC, "" if unknown. `done` of `actions` have ended. `exit` is the exit code of the last
    start, None if it ended without one or runs.
    """

    run: str
    playbook: str
    digest: str
    state: str
    holder: str
    begun: str
    ended: str
    done: int
    actions: int
    exit: int | None
    unread: tuple[str, ...]


class ClusterLock(Struct, frozen=True):
    """The Lease of a cluster: who holds it and when it was renewed, "" without one; `why` it could not be read."""

    cluster: str
    holder: str = ""
    renewed: str = ""
    seconds: int = 0
    why: str = ""

    def is_held(self, now: datetime) -> bool:
        """Whether it was renewed within its duration, by the clock of this machine."""
        try:
            age = (now - datetime.fromisoformat(self.renewed)).total_seconds()
        except (ValueError, TypeError):  # no time, or one without its zone
            return False
        return bool(self.holder) and age <= self.seconds


def run_folders() -> list[Path]:
    """The folders of all runs, the newest first."""
    found = [f for f in (state_dir() / "runs").glob("*") if any(map(Path.is_file, _files_of(f)))]
    return sorted(found, key=lambda f: max(p.stat().st_mtime for p in _files_of(f) if p.is_file()), reverse=True)


def _files_of(folder: Path) -> tuple[Path, Path]:
    return folder / "plan.json", journal_file(folder)


def chosen_folder(run: str) -> Path | None:
    """The folder of a run by its name or path; the newest for "", None if there is none. Raises UnknownName."""
    if not run:
        return next(iter(run_folders()), None)
    damaged = state_dir() / "runs" / run
    return damaged if damaged in run_folders() else folder_of_run(run)


def read_run(folder: Path) -> RunRecord:
    """The record of a run. What cannot be read is said in it."""
    unread: list[str] = []
    try:
        plan = plan_of_run(folder)
    except ResetError as error:
        plan, unread = None, [str(error)]
    try:
        lines = tuple(map(_entry_of, read_file(journal_file(folder), JOURNAL_BYTES, "The journal").splitlines()))
    except (ResetError, OSError) as error:
        lines = ()
        unread.append(f"The journal {journal_file(folder)} cannot be read: {error}")
    if damaged := [str(number) for number, line in enumerate(lines, 1) if line is None]:
        unread.append(f"{len(damaged)} line(s) of the journal cannot be read: {', '.join(damaged[:5])}")
    return RunRecord(folder, plan, lines, tuple(unread))


def _entry_of(line: bytes) -> Body | None:
    entry = mapping_of_line(line)
    return entry if entry is not None and _is_entry(entry) else None


def _is_entry(entry: Body) -> bool:
    """Whether this has the shape of an entry: the fields that are printed are of their types."""
    if not isinstance(entry.get("event"), str):
        return False
    action = entry.get("action", {})
    is_action = isinstance(action, str) or (isinstance(action, dict) and isinstance(action.get("kind", {}), dict))
    return is_action and all(isinstance(entry.get(field, ""), str) for field in ("at", "call", "where", "by"))


def state_of_run(record: RunRecord, locks: Iterable[ClusterLock] = ()) -> RunState:
    """How the run stands; `locks` are those of clusters that were asked."""
    plan, ending, name = record.plan, record.ending, record.folder.name
    holder = "" if ending else _holder_of(record, locks)
    code = {"done": Exit.OK}.get(ending.get("event", ""), ending.get("exit"))
    state = str(ending.get("event") or ("running" if holder else "interrupted"))
    ids = {action.id for action in plan.actions} if plan else set(record.ended)
    return RunState(
        run=name,
        playbook=plan.playbook if plan else name.rpartition("-")[0],
        digest=plan.digest if plan else str(record.last_start.get("plan", "")),
        state="interrupted" if code == Exit.INTERRUPTED else state,
        holder=holder,
        begun=next((str(e.get("at", "")) for e in record.entries if e["event"] == "run"), ""),
        ended=str(ending.get("at", "")),
        done=len(ids) if record.is_done else len(ids & record.ended.keys()),
        actions=len(plan.actions) if plan else 0,
        exit=code if isinstance(code, int) else None,
        unread=record.unread,
    )


def _holder_of(record: RunRecord, locks: Iterable[ClusterLock]) -> str:
    """Who works on the run now: by a Lease that names it, or by the lock of this machine; "" for nobody."""
    now = datetime.now(UTC)
    for lock in locks:
        if f"/{record.folder.name}/" in lock.holder and lock.is_held(now):
            return lock.holder
    start, clusters = record.last_start, record.plan.clusters if record.plan else ()
    files = [record.folder.parent / f"{local.file_name(cluster.identity)}.lock" for cluster in clusters]
    here = start.get("by") == local.user_and_machine() and _is_alive(start.get("pid"))
    return f"{start['by']}, pid {start['pid']}" if here and any(map(local.is_locked, files)) else ""


def _is_alive(pid: object) -> bool:
    try:
        os.kill(pid if isinstance(pid, int) and pid > 0 else os.getpid(), 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # there, and of another user
        return True
    except OverflowError:  # no process has this number
        return False
    return isinstance(pid, int)


def read_locks(clients: Clients) -> list[ClusterLock]:
    """The run lock of each cluster, the host first; with the reason if a cluster does not tell it."""
    named = {clients.host.context: clients.host, **clients.members}
    locks = []
    for name, client in named.items():
        try:
            lease = read_lease(client)
        except ResetError as error:
            locks.append(ClusterLock(name, why=str(error)))
        else:
            locks.append(ClusterLock(name, lease.holder, lease.renewed, lease.seconds) if lease else ClusterLock(name))
    return locks


def command_to_go_on(record: RunRecord, flags: str) -> str:
    """The command that continues the run, with all flags of its last start; "" for a finished run.

    The plan is the file that was named then, if it is there unchanged, else the one in the folder of the run. `flags`
    lead to the clusters of a run that did not record its call.
    """
    if record.ending.get("event") == "done" or record.plan is None:
        return ""
    start, own = record.last_start, str(record.folder / "plan.json")
    words, where = shlex.split(str(start.get("call") or "")), str(start.get("where") or "")
    if not words or (words[1:2] != ["apply"] and _is_fallback(start)):
        return f"ks-reset apply {shlex.quote(own)} {flags}".rstrip()
    if words[1:2] == ["apply"]:
        file = words[2] if len(words) > 2 and not words[2].startswith("-") else ""
        rest = words[3:] if file else words[2:]
        words = [*words[:2], file if file and _is_plan(Path(where) / file, own) else own, *rest]
    line = shlex.join(words)
    return line if not where or where == local.working_folder() else f"cd {shlex.quote(where)} && {line}"


def _is_fallback(start: Body) -> bool:
    """Whether another run began it as its way back: the call is that run's, and would not go on with this one."""
    approved = start.get("approved")
    return isinstance(approved, dict) and str(approved.get("how", "")).startswith(HOW_APPROVED)


def _is_plan(path: Path, own: str) -> bool:
    try:
        return path.read_bytes() == Path(own).read_bytes()
    except OSError:
        return False
