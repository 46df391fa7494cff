"""A saved plan is shown without a cluster, as a whole and step by step."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ks_reset import facts as reading
from ks_reset.cli import app
from ks_reset.errors import Stale, UnknownName, Usage
from ks_reset.model import Options, Request
from ks_reset.plan import file as plan_file
from ks_reset.plan.deferred import deferred_plans
from ks_reset.plan.make import make_plan
from ks_reset.plan.playbook import load_playbook
from tests.build import facts
from tests.cli.test_usage import WORKSPACE
from tests.commands import commands_in, takes_all_flags


def ran(*words: str) -> Any:
    return CliRunner().invoke(app, list(words), env={"COLUMNS": "160", "KUBECONFIG": "/nonexistent"})


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    reading.save_snapshot(facts([WORKSPACE]), tmp_path / "s.json.gz")
    assert ran("plan", "--snapshot", "s.json.gz", "--out", "my plan.json").exit_code == 0
    return "my plan.json"


def test_a_saved_plan_is_shown_as_plan_showed_it(plan: str) -> None:
    made, shown = ran("plan", "--snapshot", "s.json.gz"), ran("show", plan)
    assert shown.exit_code == 0, shown.stderr
    assert made.stdout.partition("\nKept")[0] in shown.stdout, "what is untouched is in the facts alone"
    assert json.loads(Path(plan).read_text())["digest"] in shown.stdout
    assert "  ks-reset show 'my plan.json' --step N" in shown.stdout.splitlines()
    assert " 14  remove-tenants" in shown.stdout
    assert "- host: delete Workspace ws1" in shown.stdout


@pytest.mark.parametrize("step", ["14", "remove-tenants"])
def test_a_step_is_shown_with_each_object_its_uid_and_the_reason(plan: str, step: str) -> None:
    done = ran("show", plan, "--step", step)
    action = next(a for a in json.loads(Path(plan).read_text())["actions"] if a["step"] == "remove-tenants")
    assert (done.exit_code, done.stdout.splitlines()[0]) == (0, "Step 14 of 21, remove-tenants: 1 action(s), 0 follow")
    assert f"host  delete Workspace.tenant.kubesphere.io ws1  uid {action['uid']}: {action['why']}" in done.stdout
    assert ran("show", plan, "--step", step, "-o", "name").stdout.split()[2] == "delete"
    assert [a["name"] for a in json.loads(ran("show", plan, "--step", step, "-o", "json").stdout)["actions"]] == ["ws1"]


def test_the_whole_plan_is_a_document_too(plan: str) -> None:
    assert json.loads(ran("show", plan, "-o", "json").stdout) == json.loads(Path(plan).read_text())


@pytest.mark.parametrize("step", ["0", "22", "remove-tenant"])
def test_an_unknown_step_is_answered_with_the_steps_and_a_command(plan: str, step: str) -> None:
    refused = ran("show", plan, "--step", step).exception
    assert isinstance(refused, UnknownName)
    assert "14 remove-tenants" in str(refused)
    assert ["ks-reset", "show", plan, "--step", "1"] in commands_in(str(refused))
    assert ("Did you mean remove-tenants?" in str(refused)) == (step == "remove-tenant")


def test_a_plan_for_later_says_how_to_complete_it(tmp_path: Path) -> None:
    known = facts([WORKSPACE], {"eu": []})
    chosen = Options(Request(later=("eu",)))
    made = make_plan(load_playbook("uninstall"), known, chosen)
    later = next(iter(deferred_plans(made, known)))
    plan_file.save_plan(later, tmp_path / "later.json")
    done = ran("show", str(tmp_path / "later.json"))
    assert (done.exit_code, "names no objects yet" in " ".join(done.stdout.split())) == (0, True), done.output
    assert all(takes_all_flags(words) for words in commands_in(done.stdout))


def test_a_file_that_is_no_plan_is_refused(tmp_path: Path) -> None:
    assert isinstance(ran("show", __file__).exception, Stale)
    assert isinstance(ran("show", str(tmp_path / "none.json")).exception, Usage)
