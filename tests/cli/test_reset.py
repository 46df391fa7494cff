"""ks-reset reset as a command: the outcome of each stage becomes text and an exit code."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from ks_reset.cli import app, options, reset
from ks_reset.model import Options, Plan
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.workflows.apply import Applied
from ks_reset.workflows.reset import Awaiting, Nothing, StageOutcome
from ks_reset.workflows.reset_progress import SHORT
from tests.build import facts

BOOK = playbooks.load_playbook("uninstall")
PLAN: Plan = planning.make_plan(BOOK, facts([]), Options())


@pytest.mark.parametrize(
    ("outcomes", "code", "text"),
    [
        (
            [Awaiting(PLAN, Path("shown.json"))],
            3,
            f"values.yaml --approve {PLAN.digest[:SHORT]}.",
        ),
        ([Applied(PLAN, BOOK, 2, Path("j")), Nothing()], 0, "Done: 2 writes sent, each read back. Journal: j"),
        ([Applied(PLAN, BOOK, 0, Path("j"))], 0, "Nothing to do: everything in this plan is so already."),
        ([], 0, "KubeSphere was taken off and put back"),
    ],
)
def test_an_outcome_is_printed_and_decides_the_exit_code(
    outcomes: list[StageOutcome], code: int, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(_: Any) -> Iterator[StageOutcome]:
        yield from outcomes

    values = tmp_path / "values.yaml"
    values.write_text("{version: v3.4.1, source: {path: installer.yaml}}")
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path))
    monkeypatch.setattr(options, "connect_client", lambda _: SimpleNamespace(identity="uid-of-host", context="prod"))
    monkeypatch.setattr(reset, "run_stages", run)
    done = CliRunner().invoke(app, ["reset", f"--values={values}"], env={"COLUMNS": "200"})
    said = " ".join(done.output.split())
    assert (done.exit_code, text in said) == (code, True), done.output
    assert code != 3 or "Read the plan (shown.json), then: ks-reset reset --context prod --values " in said
