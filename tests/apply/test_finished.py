"""A plan that is done and would be needed again is stale; the new plan that the message names is applied."""

from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from typer.testing import CliRunner

from ks_reset import facts as reading
from ks_reset.apply import run as running
from ks_reset.apply.context import Progress
from ks_reset.cli import app
from ks_reset.credentials.fill import Credentials
from ks_reset.errors import Stale
from ks_reset.journal import Journal
from ks_reset.model import FleetFacts, Options, Plan, SeatbeltOff
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.plan.file import digest_of, load_plan
from tests.commands import commands_in
from tests.incident import incident_facts


class Watched(Exception):
    """The run has come to its watch: everything before it has passed."""


class Fleet:
    def name_run(self, _: str) -> None:
        pass


def apply(plan: Plan) -> None:
    fleet: Any = Fleet()
    quiet = Progress(*4 * [lambda *_: None])
    running.apply_forward(fleet, plan, playbooks.load_playbook(plan.playbook), quiet, 1.0, Credentials())


def test_the_new_plan_of_a_finished_one_is_applied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    known = incident_facts("old-host")
    plan = planning.make_plan(playbooks.load_playbook("stale-record"), known, Options())
    assert any(isinstance(action, running.Lasting) for action in plan.actions)
    plan = structs.replace(plan, digest=digest_of(plan))

    def preflight(_: object, planned: Plan, *__: object) -> tuple[FleetFacts, list[object]]:
        return known, [action for action in planned.actions if action.writes and not isinstance(action, SeatbeltOff)]

    def watch(*_: object) -> None:
        raise Watched

    monkeypatch.setattr(running, "preflight", preflight)
    monkeypatch.setattr(running, "_watch_over", watch)
    with Journal.of_plan(plan) as journal:
        journal.start_run(plan)
        journal.note_event("done", writes=1)
    with pytest.raises(Stale, match=r"was finished, and .* has changed since.*Make a new plan") as stale:
        apply(plan)
    (words,) = commands_in(str(stale.value))
    reading.save_snapshot(structs.replace(known, taken="2026-01-01T03:00:00Z"), Path("now.json"))
    typed = CliRunner().invoke(app, [*words[1:], "--snapshot", "now.json"])
    assert typed.exit_code == 0, typed.output
    with pytest.raises(Watched):
        apply(load_plan(Path(words[words.index("--out") + 1])))
