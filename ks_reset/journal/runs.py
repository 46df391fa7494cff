"""The runs in the state directory: those on a cluster, those unfinished, and their plans."""

import shlex
from itertools import takewhile
from pathlib import Path

from ks_reset.errors import Stale
from ks_reset.journal.entries import is_done, journal_entries, journal_file
from ks_reset.local import state_dir
from ks_reset.model import Plan
from ks_reset.plan.file import SCHEMA, Header, OtherSchema, load_plan, read_header


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
        for folder in takewhile(lambda run: not is_done(run), reversed(runs_on(cluster.identity))):
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
            f"was sent. To leave that run out: {command_to_set_aside(folder)}, then the same command again."
        ) from error


def command_to_set_aside(folder: Path) -> str:
    """The shell command that moves a run out of the folder of runs."""
    return shlex.join(["mv", str(folder), str(folder.parent.parent)])


def _other_schema(folder: Path, schema: int, playbook: str) -> OtherSchema:
    move = command_to_set_aside(folder)
    finished = f"Verify it, or restore from it, with that version. Or leave it out: {move}, then the same command again"
    unfinished = (
        "Nothing was sent. Finish and verify it with that version. "
        f"Or give it up: {move}, then ks-reset plan {playbook} --out plan.json, with the same flags"
    )
    return OtherSchema(
        f"The run in {folder} was made by another version of ks-reset: its plan has schema {schema}, and this version "
        f"reads schema {SCHEMA}. {finished if is_done(folder) else unfinished}; what that run has changed is then "
        "not compared with anything.",
        schema,
    )


def runs_on(identity: str) -> list[Path]:
    """The folders of the runs whose plan names this cluster, by the time of their last event."""
    folders = [p for p in (state_dir() / "runs").glob("*") if (p / "plan.json").is_file()]
    return sorted(
        (p for p in folders if identity.encode() in (p / "plan.json").read_bytes()),
        key=lambda p: journal_file(p).stat().st_mtime,
    )


def runs_since_baseline(identity: str) -> list[Path]:
    """The runs on this cluster, from the first one with a baseline after the last finished run; [] for none.

    Harm done by a stopped run is thus compared with the baseline before it, not with the next one.
    """
    mine = runs_on(identity)
    starts = [0, *(i + 1 for i, folder in enumerate(mine[:-1]) if is_done(folder))]
    kept = [i for i, folder in enumerate(mine) if (folder / "baseline.json.gz").is_file()]
    indices = [i for start in reversed(starts) for i in kept if i >= start]
    return mine[indices[0] :] if indices else []
