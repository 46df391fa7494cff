"""A wrong flag, value or file: the message names the corrected call, and a call so corrected is not wrong any more."""

import re
import shlex
import shutil
import subprocess
import traceback
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct
from typer.testing import CliRunner

import ks_reset
from ks_reset import limits
from ks_reset.cli import app
from ks_reset.errors import ResetError
from ks_reset.report.commands import split_message
from tests.cli.folder_of_calls import SNAPSHOT_BYTES, VALUES_BYTES, prepared_folder
from tests.commands import takes_all_flags

PACKAGE = Path(ks_reset.__file__).parent
AGREED = (0, 3, 4, 5)
"""Exit codes of a call that can be meant: it was carried out, refused by what is there, or not answered."""


class Case(Struct, frozen=True, forbid_unknown_fields=True, rename={"words": "call", "flags": "with"}):
    """A wrong call. `flags` lead each corrected call to the prepared files, `first` types the first one alone.

    `then` is the message that the corrected call meets instead, where what it asks is wrong for another reason.
    """

    site: str
    words: str
    fill: dict[str, str] = {}
    mend: dict[str, str] = {}
    flags: str = ""
    then: str = ""
    first: bool = False
    without: str = ""


CASES = msgspec.yaml.decode((Path(__file__).parent / "corrected.yaml").read_bytes(), type=list[Case])


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder that each test gets a copy of; the cluster of its kubeconfig answers."""
    place = tmp_path_factory.mktemp("prepared")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        patch.setenv("KS_RESET_STATE", str(place / "state"))
        with prepared_folder():
            patch.undo()
            yield place


@pytest.fixture(autouse=True)
def folder(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run(["cp", "-a", f"{prepared}/.", tmp_path], check=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(limits, "FILE_SECONDS", 0.1)
    monkeypatch.setattr("ks_reset.facts.snapshot.SNAPSHOT_BYTES", SNAPSHOT_BYTES)
    monkeypatch.setattr("ks_reset.workflows.inputs.VALUES_BYTES", VALUES_BYTES)


def typed(words: list[str]) -> tuple[int, str, str]:
    """Exit code, message, and file and function of the error, of a call."""
    done = CliRunner().invoke(app, words)
    error = done.exception if isinstance(done.exception, ResetError) else None
    if error is None:
        return done.exit_code, done.output, ""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(f"{PACKAGE}/")]
    raised = [frame for frame in frames if not frame.filename.endswith("/errors.py")][-1]
    return error.exit, str(error), f"{Path(raised.filename).relative_to(PACKAGE)}::{raised.name}"


def corrected(message: str, case: Case) -> list[list[str]]:
    """The calls that a message names, with what the person writes for the words in capitals."""
    lines = [part.text for part in split_message(message) if part.is_command]
    calls = [shlex.split(line)[1:] for line in lines if line.startswith("ks-reset ")]
    fill = case.fill | {"RECIPIENT": Path("recipient").read_text()}
    for word, instead in fill.items():
        calls = [[re.sub(rf"(?<![\w/]){re.escape(word)}(?![\w/])", instead, each) for each in call] for call in calls]
    return [
        [*call, *shlex.split(case.flags)] if takes_all_flags(["ks-reset", *call, *shlex.split(case.flags)]) else call
        for call in (calls[:1] if case.first else calls)
    ]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.site} {case.words}")
def test_the_corrected_calls_of_a_message_go_on(case: Case) -> None:
    if case.without:
        Path(case.without).rename("kept")
    words = shlex.split(case.words.replace("RECIPIENT", Path("recipient").read_text()))
    code, message, site = typed(words)
    assert (code, site) == (2, case.site), message
    calls = corrected(message, case)
    assert calls, message
    for spoilt, good in case.mend.items():
        shutil.copy(good, spoilt)
    for call in calls:
        code, said, then = typed(call)
        assert code in AGREED or (case.then and then == case.then), (message, call, code, then, said)
