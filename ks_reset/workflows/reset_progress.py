"""How far a reset has come: a folder in the state directory, with the memory from before it and each stage's plan.

Facts decide what a stage still has to do; this only remembers which plan was approved, and which stages are done.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import msgspec
from msgspec import Struct, structs

from ks_reset import local
from ks_reset.errors import Stale, Usage
from ks_reset.local import state_dir
from ks_reset.model import Plan
from ks_reset.plan import make as planning

SHORT = 12
"""How many digits of a plan's digest approve it."""


class ResetProgress(Struct, frozen=True, forbid_unknown_fields=True):
    """`host` is the identity of the host, `done` names stages in order. `approved` is the digest of the plan that may
    be applied in the stage that follows, "" for none; `asked` stands for the flags and files of that plan. Once a plan
    was applied it has `begun`: `joins` are this host's accounts as that plan knows them, since records may be gone by
    now. `spent` are the digests of plans that cannot be applied any more.
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

    @classmethod
    def of(cls, host: str) -> Self:
        """The reset that is under way on this host, else a new one. Raises Usage if its record cannot be read."""
        folders = sorted((state_dir() / "resets").glob(f"{host[:8]}-*/reset.json"))
        for path in reversed(folders):
            found = cls(path.parent, _read(path))
            if found.progress.host == host and not found.progress.finished:
                return found
        now = datetime.now(UTC)
        made = state_dir() / "resets" / f"{host[:8]}-{now:%Y%m%dT%H%M%S}"
        return cls(made, ResetProgress(host, now.isoformat(timespec="seconds")))

    def keep(self, **changes: object) -> None:
        """Write down how far it is. Raises Usage if that cannot be written."""
        self.progress = structs.replace(self.progress, **changes)
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            local.write(self.folder / "reset.json", msgspec.json.encode(self.progress))
        except OSError as error:
            raise Usage(f"{self.folder} cannot be written: {error.strerror}. Set KS_RESET_STATE.") from error

    def plan(self, stage: str) -> Path:
        """Where the plan of a stage is kept."""
        return self.folder / f"{stage}.json"

    def shown(self, stage: str) -> Plan | None:
        """The plan that was shown last for a stage; None if there is none that can be read."""
        try:
            return planning.load(self.plan(stage)) if self.plan(stage).is_file() else None
        except Stale:  # an older ks-reset's, say
            return None

    def over(self, digest: str) -> bool:
        """Whether this approves the plan of a stage that is done."""
        plans = [self.shown(stage) for stage in self.progress.done]
        return len(digest) >= SHORT and any(plan is not None and plan.digest.startswith(digest) for plan in plans)

    def approve(self, stage: str, digest: str) -> Plan:
        """The plan that was shown, if this is its digest or the first digits of it; it stays approved until done.

        Raises Stale if it is another plan's.
        """
        plan = self.shown(stage)
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
        self.keep(approved=plan.digest)
        return plan

    def spend(self, plan: Plan) -> None:
        """This plan is not applied again: the next call makes another one."""
        self.keep(approved="", spent=(*self.progress.spent, plan.digest))

    def finish(self, stage: str) -> None:
        """A stage is done; its plan is spent."""
        self.keep(done=(*self.progress.done, stage), approved="", asked="")


def _read(path: Path) -> ResetProgress:
    try:
        return msgspec.json.decode(path.read_bytes(), type=ResetProgress)
    except (OSError, msgspec.MsgspecError) as error:
        raise Usage(f"{path} cannot be read: {error}. Move it away to begin anew.") from error
