"""The progress of a reset: a folder in the state directory with the memory snapshot and the plan of each stage.

Facts decide about the remaining work of a stage; the folder records the approved plan and the finished stages.
"""

import glob
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import msgspec
from msgspec import Struct, structs

from ks_reset import facts as reading
from ks_reset import local
from ks_reset.errors import SAME_CALL, Stale, Usage
from ks_reset.limits import PLAN_BYTES, decode_json, read_file
from ks_reset.local import state_dir
from ks_reset.model import FleetFacts, Plan
from ks_reset.plan import file as plan_file
from ks_reset.plan.file import SCHEMA, OtherSchema, read_header

SHORT = 12
"""The number of digits of a digest needed for an approval."""


class ResetProgress(Struct, frozen=True, forbid_unknown_fields=True):
    """`host` is the identity of the host, `done` names stages in order. `approved` is the digest of the approved plan
    of the next stage, "" for none; `asked` is the digest of its flags and files. `begun` is true once a plan was
    applied; `joins` are this host's accounts from that plan, because records may be deleted by now. `spent` are the
    digests of discarded plans.
    """

    host: str
    began: str
    done: tuple[str, ...] = ()
    approved: str = ""
    asked: str = ""
    begun: bool = False
    joins: tuple[str, ...] = ()
    spent: tuple[str, ...] = ()
    finished: bool = False


class Reset:
    """One reset of one fleet, in a folder of its own; `memory` is the snapshot from before its first stage."""

    def __init__(self, folder: Path, progress: ResetProgress) -> None:
        self.folder, self.progress = folder, progress
        self.memory = folder / "memory.json.gz"
        self._before: FleetFacts | None = None

    @classmethod
    def open_for(cls, host: str) -> Self:
        """The unfinished reset of this host, else a new one. Raises Usage if its file cannot be read."""
        folders = sorted((state_dir() / "resets").glob(f"{glob.escape(local.file_name(host[:8]))}-*/reset.json"))
        for path in reversed(folders):
            reset = cls(path.parent, _read_progress(path))
            if reset.progress.host == host and not reset.progress.finished:
                reset.require_own_schema()
                return reset
        now = datetime.now(UTC)
        folder = state_dir() / "resets" / f"{local.file_name(host[:8])}-{now:%Y%m%dT%H%M%S}"
        return cls(folder, ResetProgress(host, now.isoformat(timespec="seconds")))

    def require_own_schema(self) -> None:
        """Raises OtherSchema if the plan that is being applied was made by another version of ks-reset."""
        for path in self.folder.glob("*.json"):
            stage, run = path.stem, state_dir() / "runs" / f"{path.stem}-{self.progress.approved[:16]}"
            if path.name == "reset.json" or stage in self.progress.done or not run.is_dir():
                continue
            if (schema := read_header(path).schema) != SCHEMA:
                moved = state_dir() / self.folder.name
                raise OtherSchema(
                    f"The reset in {self.folder} was begun by another version of ks-reset: the plan of {stage} has "
                    f"schema {schema}, and this version reads schema {SCHEMA}. Nothing was sent. Finish {stage} with "
                    f"that version, then go on with this one. Or begin anew: mv {self.folder} {state_dir()}, then "
                    f"ks-reset reset --memory {moved}/memory.json.gz, with the same flags.",
                    schema,
                )

    def save_progress(self, **changes: object) -> None:
        """Save the progress with these changes. Raises Usage if the file cannot be written."""
        self.progress = structs.replace(self.progress, **changes)
        try:
            local.private_folder(self.folder)
            local.write_private_file(self.folder / "reset.json", msgspec.json.encode(self.progress))
        except OSError as error:
            raise Usage(
                f"{self.folder} cannot be written: {error.strerror}. Make room, or make it writable.",
                SAME_CALL,
            ) from error

    def plan_path(self, stage: str) -> Path:
        """Where the plan of a stage is kept."""
        return self.folder / f"{stage}.json"

    def load_memory(self) -> FleetFacts:
        """The facts from before the first stage, read once. Raises Usage if they cannot be read."""
        self._before = self._before or reading.load_snapshot(self.memory)
        return self._before

    def save_memory(self, before: FleetFacts) -> None:
        """Keep the facts from before the first stage. Raises Usage if they cannot be written."""
        self.save_progress()
        reading.save_snapshot(before, self.memory)
        self._before = before

    def shown_plan(self, stage: str) -> Plan | None:
        """The plan shown last for a stage; None without a readable one."""
        try:
            return plan_file.load_plan(self.plan_path(stage)) if self.plan_path(stage).is_file() else None
        except Stale:  # an older ks-reset's, say
            return None

    def approves_a_finished_stage(self, digest: str) -> bool:
        """Whether this is the digest of a finished stage's plan."""
        plans = [self.shown_plan(stage) for stage in self.progress.done]
        return len(digest) >= SHORT and any(plan is not None and plan.digest.startswith(digest) for plan in plans)

    def approve_plan(self, stage: str, digest: str) -> Plan:
        """The plan shown last, if this is its digest or at least SHORT digits of it; it stays approved until done.

        Raises Stale for the digest of another or a discarded plan.
        """
        plan = self.shown_plan(stage)
        if plan and plan.digest in self.progress.spent:
            raise Stale(
                f"The plan {digest} of {stage} was stopped, and is not what the clusters need any more. Nothing was "
                "sent. Run ks-reset reset without --approve, read the new plan, and approve that one."
            )
        if plan is None or len(digest) < SHORT or not plan.digest.startswith(digest):
            shown = plan.digest[:SHORT] if plan else "none yet"
            raise Stale(
                f"{digest} is not the plan that was shown for {stage} (that is {shown}). Nothing was sent. Run "
                "ks-reset reset without --approve, read the plan, and approve that one."
            )
        self.save_progress(approved=plan.digest)
        return plan

    def discard_plan(self, plan: Plan) -> None:
        """This plan is not applied again: the next call makes another one."""
        self.save_progress(approved="", spent=(*self.progress.spent, plan.digest))

    def finish_stage(self, stage: str) -> None:
        """A stage is done; its plan is spent."""
        self.save_progress(done=(*self.progress.done, stage), approved="", asked="")


def _read_progress(path: Path) -> ResetProgress:
    try:
        progress: ResetProgress = decode_json(read_file(path, PLAN_BYTES, "The file"), ResetProgress)
        return progress
    except (OSError, ValueError) as error:
        raise Usage(f"{path} cannot be read: {error}. Move it away to begin anew.", SAME_CALL) from error
