"""A plan that is stale, damaged or without objects: the command of the refusal is typed, and its plan is accepted."""

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec import structs
from typer.testing import CliRunner

from ks_reset import facts as reading
from ks_reset.apply.remaining import remaining_actions
from ks_reset.cli import app
from ks_reset.cli.way_on import Call, complete_commands
from ks_reset.errors import Refused, Stale
from ks_reset.model import FleetFacts, Options, Plan
from ks_reset.plan import deferred
from ks_reset.plan import file as plan_file
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from tests.build import asked, facts
from tests.commands import TAKES, commands_in
from tests.plan.test_deferred import left
from tests.plan.test_plan import DIALS, MARKED, RECORDS, SECRET, WORKSPACE, WORLD, cure, made, still

LATE = facts([*WORLD, MARKED | {"metadata": MARKED["metadata"] | {"name": "late"}}])
ANEW = facts([MARKED, WORKSPACE | {"metadata": {"name": "ws1", "uid": "another"}}])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path / "state"))


def typed(message: str, now: FleetFacts) -> Plan:
    """The plan made by the command that a message names, on these facts."""
    call = Call("apply", given=(("--context", ("host",)), ("--snapshot", ("now.json",))), takes=TAKES)
    words = next(w for w in commands_in(complete_commands(message, call)) if w[:2] == ["ks-reset", "plan"])
    reading.save_snapshot(now, Path("now.json"))
    here = [] if "--snapshot" in words else ["--snapshot", "now.json"]  # of another cluster, which it would read
    done = CliRunner().invoke(app, [*words[1:], *here], env={"COLUMNS": "200"})
    assert done.exit_code == 0, (words, done.output, done.exception)
    return plan_file.load_plan(Path(words[words.index("--out") + 1]))


def fresh(plan: Plan, now: FleetFacts) -> Plan:
    return planning.make_plan(playbooks.load_playbook(plan.playbook), now, Options(plan.request))


@pytest.mark.parametrize("now", [LATE, ANEW], ids=["an object came", "an object was recreated"])
def test_the_new_plan_of_changed_clusters_is_accepted(now: FleetFacts) -> None:
    approved = made(WORLD)
    with pytest.raises(Stale) as stale:
        remaining_actions(approved, fresh(approved, now), now)
    plan = typed(str(stale.value), now)
    assert remaining_actions(plan, fresh(plan, now), now)


def test_a_deletion_without_its_reason_goes_on_once_the_record_is_dialled_again() -> None:
    failed = [{"record": "old", "reach": "credentials refused", "endpoint": "https://elsewhere"}, DIALS[1]]
    with pytest.raises(Stale, match="Run the same command again"):
        still(cure(), [*RECORDS, SECRET], failed)
    assert still(cure(), [*RECORDS, SECRET], DIALS)


def damaged(path: Path) -> None:
    plan_file.save_plan(made(WORLD), path)
    path.write_text(path.read_text().replace('"why": "', '"why": "not ', 1))


def no_plan(path: Path) -> None:
    path.write_bytes(b"[]")


@pytest.mark.parametrize("spoil", [damaged, no_plan])
def test_the_new_plan_instead_of_a_spoilt_file_is_read(spoil: Callable[[Path], None]) -> None:
    path = Path("plan.json")
    spoil(path)
    with pytest.raises(Stale) as stale:
        plan_file.load_plan(path)
    assert typed(str(stale.value), facts(WORLD)).actions


def test_the_new_plan_of_a_playbook_that_has_changed_has_its_steps() -> None:
    with pytest.raises(Stale) as stale:
        playbooks.playbook_of_plan("uninstall", "fleet", ("stop-controllers",))
    plan = typed(str(stale.value), facts(WORLD))
    assert playbooks.playbook_of_plan(plan.playbook, plan.scope, plan.steps).name == "uninstall"


def test_a_plan_without_objects_is_completed_by_its_command() -> None:
    path = Path("p.json")
    saved = left("uninstall", asked(later=("eu",)))
    plan_file.save_plan(saved, path)
    with pytest.raises(Refused) as refused:
        deferred.require_objects(saved, path)
    now = facts([{"kind": "Namespace", "metadata": {"name": "kubesphere-system"}}])
    eu = structs.replace(now, host=structs.replace(now.host, identity="uid-of-eu"))
    plan = typed(str(refused.value), eu)
    assert not plan.open
    deferred.require_objects(plan, path)
