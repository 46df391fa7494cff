"""Each refusal of a guard: the way on is taken, by its command or by the act of whom it names, and it passes."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ks_reset import facts as reading
from ks_reset.cli import app
from ks_reset.errors import Refused
from ks_reset.guards import GUARDS, GuardContext, not_overwritten, owner_lives
from ks_reset.model import Action, Marks, Obj, Request
from ks_reset.plan.file import load_plan
from ks_reset.report.commands import split_message
from tests.build import Rows, body_of, cluster, facts, kind_of
from tests.commands import commands_in
from tests.findings.kubectl import carry_out
from tests.guards.test_added_marks import OWNER
from tests.guards.test_added_marks import refusal as refusal_of_marks
from tests.guards.test_chosen_component import EVENTS, HOME, LOGGING
from tests.guards.test_endings import dying
from tests.guards.test_endings import refusal as refusal_to_end
from tests.guards.test_guards import MANAGER, OWN, OWNED, RUNNING, SYSTEM, WORKSPACE, kind, refusal

WEB = kind("apps/v1/Deployment", "web", namespace=SYSTEM)
NOTES = kind("v1/ConfigMap", "notes", namespace=SYSTEM)
SHOP = kind("v1/Namespace", "shop")
PLANNED = {
    "chosen_component": ([HOME, EVENTS, LOGGING], "events", LOGGING),
    "never_deleted": ([OWN, SHOP], "", SHOP),
    "no_dependents": ([OWNED, WORKSPACE, OWN], "", WORKSPACE),
    "same_uid": ([WORKSPACE, OWN], "", WORKSPACE),
}
"""By guard, the rows of the cluster, the components of --only, and the object that was refused: a new plan is made."""
Said = Callable[[], str]
ACTS: dict[str, tuple[Said, Said]] = {
    "controllers_quiet": (lambda: refusal(WORKSPACE, [], restarted=RUNNING), lambda: refusal(WORKSPACE, [])),
    "namespace_empty, moved": (lambda: refusal(OWN, [WEB]), lambda: refusal(OWN, [MANAGER])),
    "namespace_empty, given up": (
        lambda: refusal(OWN, [WEB]),
        lambda: refusal(OWN, [WEB], request=Request(discard=given_up(refusal(OWN, [WEB])))),
    ),
    "namespace_empty, of unknown origin": (
        lambda: refusal(OWN, [NOTES]),
        lambda: refusal(OWN, [NOTES], request=Request(discard=given_up(refusal(OWN, [NOTES])))),
    ),
    "not_overwritten": (
        lambda: refusal_of_marks(not_overwritten.guard, Marks(labels={"team": "a"}), labels={"team": "b"}),
        lambda: refusal_of_marks(not_overwritten.guard, Marks(labels={"team": "b"}), labels={"team": "b"}),
    ),
    "owner_lives": (
        lambda: refusal_of_marks(owner_lives.guard, Marks(owners=(OWNER,))),
        lambda: refusal_of_marks(owner_lives.guard, Marks()),
    ),
    "run_lock_held": (lambda: refusal(WORKSPACE, [], holder="you"), lambda: refusal(WORKSPACE, [])),
    "same_cluster": (lambda: refusal(WORKSPACE, [], identity="x"), lambda: refusal(WORKSPACE, [])),
    "seatbelt_on": (lambda: refusal(WORKSPACE, [], seatbelt_on=False), lambda: refusal(WORKSPACE, [])),
}
"""By guard, the refusal, and what the guard says after the way on: "" where it lets the action pass."""
ELSEWHERE = {"not_emptied": "tests/guards/test_not_emptied.py: a namespace that is gone gets nothing back"}


def given_up(message: str) -> tuple[str, ...]:
    """What the new plan of a message gives up."""
    words = next(words for words in commands_in(message) if words[:2] == ["ks-reset", "plan"])
    return tuple(value for flag, value in pairwise(words) if flag == "--discard")


@pytest.mark.parametrize("name", ACTS)
def test_after_the_way_on_the_guard_lets_the_action_pass(name: str) -> None:
    refused, then = ACTS[name]
    assert "Nothing was sent" in refused()
    assert then() == ""


@pytest.mark.parametrize("name", PLANNED)
def test_the_new_plan_that_a_guard_names_is_made_and_the_guard_lets_it_pass(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path / "state"))
    rows, only, row = PLANNED[name]
    choices = {"request": Request(only=(only,)), "again": f"uninstall --only {only}"} if only else {}
    said = refusal(row, rows, uid="planned" if name == "same_uid" else "", **choices)
    words = next(words for words in commands_in(said) if words[:2] == ["ks-reset", "plan"])
    reading.save_snapshot(facts(rows), Path("now.json"))
    typed = CliRunner().invoke(app, [*words[1:], "--snapshot", "now.json"], env={"COLUMNS": "200"})
    assert typed.exit_code == 0, (said, typed.output, typed.exception)
    actions = [action for action in load_plan(Path("plan.json")).actions if action.writes]
    assert actions
    assert not [action.target for action in actions if refused(action, row, rows, actions)]


def refused(action: Action, row: dict[str, object], rows: Rows, actions: list[Action]) -> str:
    """What the guards say of an action on the refused object, once the actions before it are done."""
    now = Obj(kind_of(row), body_of(row))
    if (getattr(action, "kind", None), getattr(action, "name", "")) != (now.kind, now.name):
        return ""
    before = {getattr(each, "name", "") for each in actions[: actions.index(action)]}
    around = [each for each in rows if each["metadata"]["name"] not in before]
    site = GuardContext(cluster("host", around), "uid-of-host", frozenset(), (), True, "me", "me")
    for guard in GUARDS:
        try:
            guard(action, now, site)
        except Refused as error:
            return str(error)
    return ""


def test_a_users_object_whose_deletion_the_guard_does_not_end_is_ended_by_the_command_that_it_names() -> None:
    claim = dying(kind("v1/PersistentVolumeClaim", "data", namespace="shop"), "kubernetes.io/pvc-protection")
    said = refusal_to_end(claim, [SHOP], "kubernetes.io/pvc-protection")
    before = facts([claim, SHOP])
    command = next(part.text for part in split_message(said) if part.is_command and part.text.startswith("kubectl "))
    after = carry_out(before, command)
    assert len(before.host.of("PersistentVolumeClaim")) == 1
    assert not after.host.of("PersistentVolumeClaim")


def test_every_guard_is_here() -> None:
    modules = {guard.__module__.rpartition(".")[2] for guard in GUARDS}
    assert modules == {name.partition(",")[0] for name in ACTS} | PLANNED.keys() | ELSEWHERE.keys()
