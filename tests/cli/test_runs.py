"""Runs are listed, shown and read again, also a damaged one; an interrupted one names the command to go on with."""

import json
import re
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ks_reset.apply.watch.run_lock import NAME
from ks_reset.catalogue.names import LEASE_KIND
from ks_reset.cli import app, runs
from ks_reset.cli.options import Connection
from ks_reset.errors import Unknown, UnknownName, Usage
from ks_reset.facts import Clients
from ks_reset.journal import Journal
from ks_reset.local import state_dir
from ks_reset.model import Approval, Body, Kind
from ks_reset.plan.file import load_plan
from tests.commands import takes_all_flags
from tests.report.runs import finished_run


class Leases:
    """A cluster with this Lease, or one that does not answer."""

    def __init__(self, context: str, lease: Body | None = None, *, silent: bool = False) -> None:
        self.context, self.lease, self.silent = context, lease, silent

    def get(self, kind: Kind, name: str, _: str = "") -> Body | None:
        assert (kind, name) == (LEASE_KIND, NAME)
        if self.silent:
            raise Unknown("It got no answer.")
        return self.lease


def lease(holder: str, ago: int) -> Body:
    renewed = (datetime.now(UTC) - timedelta(seconds=ago)).isoformat().replace("+00:00", "Z")
    return {"spec": {"holderIdentity": holder, "leaseDurationSeconds": 30, "renewTime": renewed}}


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def started(call: str = "", how: str = "--yes", **ending: Any) -> Path:
    """The folder of a run that was stopped after five actions and started again by this call, approved so."""
    folder, _, _ = finished_run(done=False)
    plan = load_plan(folder / "plan.json")
    with Journal.of_plan(plan) as journal:
        journal.start_run(plan, Approval("ann", "now", how), call)
        if ending:
            journal.note_event("stopped", **ending)
    return folder


def ran(*words: str) -> Any:
    return CliRunner().invoke(app, ["runs", *words])


def command_of(folder: Path) -> str:
    """The command to go on with, as the run is shown; the command line takes it."""
    found = json.loads(ran("show", folder.name, "-o", "json").stdout)["command"]
    line = found.rpartition(" && ")[2]
    assert takes_all_flags(shlex.split(line)), line
    assert found in ran("show", folder.name).stdout
    return str(found)


def test_without_a_run_the_list_says_where_it_looked_and_the_rest_is_refused() -> None:
    done = ran("list")
    assert (done.exit_code, done.stdout, str(state_dir() / "runs") in done.stderr) == (0, "", True)
    for command in ("show", "logs"):
        refused = ran(command).exception
        assert isinstance(refused, Usage)
        assert "No run is known" in str(refused)
        assert "ks-reset runs list" in str(refused)


def test_without_a_run_the_command_that_asks_a_cluster_has_the_context_of_the_call_or_the_current_one(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = {"contexts": [{"name": "eu prod", "context": {"cluster": "a"}}], "current-context": "eu prod"}
    (state / "config").write_text(json.dumps(config | {"clusters": [], "users": []}))
    monkeypatch.setenv("KUBECONFIG", str(state / "config"))
    asked = {("show",): "'eu prod'", ("logs",): "'eu prod'", ("show", "--context", "us"): "us"}
    for words, context in asked.items():
        refused = str(ran(*words).exception)
        assert refused.endswith(f"ks-reset runs list --context {context}"), refused
    monkeypatch.setattr(Connection, "open_clients", lambda _: Clients(Leases("us"), {}))  # type: ignore[arg-type]
    command = str(ran("show", "--context", "us").exception).rpartition("ks-reset runs ")[2]
    assert "us: no run works on it now." in ran(*shlex.split(command)).stdout


def test_runs_are_listed_with_what_they_are_and_how_they_ended() -> None:
    folder, _, _ = finished_run()
    plan = load_plan(folder / "plan.json")
    shown, found = ran("list"), json.loads(ran("list", "-o", "json").stdout)["runs"]
    assert shown.stdout.splitlines()[0] == f"{folder.name}  done, exit code 0"
    assert f"playbook uninstall, digest {plan.digest[:16]}, {len(plan.actions)} of {len(plan.actions)}" in shown.stdout
    assert [(r["run"], r["digest"], r["state"], r["exit"]) for r in found] == [(folder.name, plan.digest, "done", 0)]
    assert found[0]["begun"] <= found[0]["ended"]
    assert ran("list", "-o", "name").stdout == f"{folder.name}\n"


@pytest.mark.parametrize(
    ("ending", "standing", "code"),
    [
        ({"why": "The network is gone.", "exit": 7}, "stopped", 7),
        ({"why": "KeyboardInterrupt: ", "exit": 130}, "interrupted", 130),
        ({"why": "The network is gone."}, "stopped", None),
        ({}, "interrupted", None),
    ],
)
def test_a_run_that_is_not_done_tells_why(ending: dict[str, Any], standing: str, code: int | None) -> None:
    started("ks-reset apply plan.json", **ending)
    (found,) = json.loads(ran("list", "-o", "json").stdout)["runs"]
    assert (found["state"], found["exit"], found["done"]) == (standing, code, 5)
    shown = ran("show").stdout
    assert "KeyboardInterrupt" not in shown
    assert ("interrupted: by Ctrl-C or a signal" in shown) == (code == 130)


def test_a_run_is_shown_step_by_step_with_what_is_left() -> None:
    folder = started("ks-reset apply plan.json --yes", why="The network is gone.", exit=7)
    plan, shown = load_plan(folder / "plan.json"), ran("show")
    assert "stopped: The network is gone." in shown.stdout
    assert "   1 ✓ fasten-seatbelt: 2 of 2, " in shown.stdout
    assert "   3 … stop-controllers: 3 of 7, " in shown.stdout
    assert "   4   prove-quiet: 0 of 7\n" in shown.stdout
    assert f"Left by the journal: {len(plan.actions) - 5} action(s)" in shown.stdout
    assert len(ran("show", "-v").stdout.splitlines()) > len(plan.actions)
    left = ran("show", folder.name, "-o", "name").stdout.splitlines()
    assert left == [action.id.rstrip() for action in plan.actions[5:]]


def test_a_finished_run_has_nothing_left_and_names_the_report() -> None:
    folder, _, _ = finished_run()
    done = ran("show", str(folder))
    assert "Nothing of it is left." in done.stdout
    counts = re.findall(r"(\d+) of (\d+)", done.stdout)
    assert len(counts) > 5
    assert [pair for pair in counts if pair[0] != pair[1]] == [], "a proof of quiet has no entry of its own"
    assert f"ks-reset report {folder.name}" in done.stderr
    assert json.loads(ran("show", "-o", "json").stdout)["command"] == ""


def test_the_command_to_go_on_is_the_call_with_all_its_flags(state: Path) -> None:
    call = "ks-reset apply 'my plan.json' --yes --kubeconfig 'my config' --context prod --member test=test-admin"
    folder = started(call, why="It was cut off.", exit=7)
    (state / "my plan.json").write_bytes((folder / "plan.json").read_bytes())
    assert command_of(folder) == call


def test_from_another_folder_the_command_goes_there_first(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = started("ks-reset apply plan.json --context prod", why="It was cut off.", exit=7)
    (state / "plan.json").write_bytes((folder / "plan.json").read_bytes())
    monkeypatch.chdir("/")
    assert command_of(folder) == f"cd {state} && ks-reset apply plan.json --context prod"


@pytest.mark.parametrize("call", ["ks-reset apply plan.json --context prod", "ks-reset apply --context prod"])
def test_without_the_file_the_plan_in_the_folder_of_the_run_is_named(call: str, state: Path) -> None:
    (state / "plan.json").write_text("another plan")
    folder = started(call, why="It was cut off.", exit=7)
    assert command_of(folder) == f"ks-reset apply {folder}/plan.json --context prod"


def test_a_run_of_reset_goes_on_with_reset_and_one_without_a_call_with_the_contexts_of_its_plan() -> None:
    folder = started("ks-reset reset --values v.yaml --approve 0123456789ab --context prod", why="Cut off.", exit=7)
    assert command_of(folder).startswith("ks-reset reset --values v.yaml")
    folder = started(why="It was cut off.", exit=7)
    assert command_of(folder) == f"ks-reset apply {folder}/plan.json --context host --member test=test"


def test_a_fallback_goes_on_by_its_own_plan_and_not_by_the_call_that_began_it() -> None:
    how = "at once, as the fallback of the plan 0123, approved by: --yes"
    folder = started("ks-reset reset --values v.yaml --context prod", how, why="Cut off.", exit=7)
    assert command_of(folder).startswith(f"ks-reset apply {folder}/plan.json --context host")


@pytest.mark.parametrize(
    "line",
    [
        {"event": "run", "pid": 10**30, "by": "ann@bastion"},
        {"event": "stopped", "at": 5},
        {"event": "stopped", "exit": "four", "at": "2026"},
        {"event": "begin", "action": {"kind": "Pod"}},
        {"event": "end", "action": 7},
    ],
    ids=str,
)
def test_an_entry_of_other_types_ends_no_command(line: Body) -> None:
    folder = started("ks-reset apply plan.json")
    with (folder / "journal.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")
    for words in (("list",), ("show", folder.name), ("logs", folder.name)):
        assert ran(*words).exit_code == 0, words


def test_a_run_that_is_going_on_is_told_with_its_holder_and_no_command() -> None:
    folder, _, _ = finished_run(done=False)
    plan = load_plan(folder / "plan.json")
    with Journal.of_plan(plan) as journal:
        journal.start_run(plan, call="ks-reset apply plan.json")
        found = json.loads(ran("show", "-o", "json").stdout)
        assert (found["run"]["state"], ", pid " in found["run"]["holder"], found["command"]) == ("running", True, "")
    assert json.loads(ran("show", "-o", "json").stdout)["run"]["state"] == "interrupted"


def test_the_lease_of_a_named_cluster_says_who_runs_there(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = started("ks-reset apply plan.json")
    holder = f"ann@bastion/{folder.name}/0a1b"
    clusters = [Leases("host", lease(holder, 2)), Leases("eu", lease("bob@laptop/x/1", 900)), Leases("us")]

    def opened(_: Connection) -> Clients:
        host, eu, us = clusters
        return Clients(host, {"eu": eu, "us": us})  # type: ignore[arg-type]

    monkeypatch.setattr(Connection, "open_clients", opened)
    done = ran("list", "--context", "host")
    assert done.exit_code == 0
    assert f"{folder.name}  running: {holder}" in done.stdout
    assert f"host: {holder} works on it now, lock renewed " in done.stdout
    assert "eu: bob@laptop/x/1 has not renewed its lock since " in done.stdout
    assert "us: no run works on it now." in done.stdout
    clusters[2] = Leases("us", silent=True)
    unknown = ran("list", "--context", "host")
    assert (unknown.exit_code, "us: who works on it is unknown: It got no answer." in unknown.stdout) == (5, True)


def test_the_journal_is_plain_lines_or_json() -> None:
    folder, _, _ = finished_run(done=False)
    lines, entries = ran("logs").stdout.splitlines(), json.loads(ran("logs", folder.name, "-o", "json").stdout)
    assert len(lines) == len(entries) == 12
    assert [line.split()[2:4] for line in lines[:3]] == [["UTC", word] for word in ("run", "begin", "end")]
    assert lines[-1].endswith("stopped why: The network is gone.")
    assert " stop-controllers test scale Deployment.apps kubesphere-system/ks-installer" in "\n".join(lines)


def test_a_damaged_journal_is_read_as_far_as_it_goes() -> None:
    folder = started("ks-reset apply plan.json", why="It was cut off.", exit=7)
    path = folder / "journal.jsonl"
    path.write_bytes(b"\x00\xff{\n" + path.read_bytes() + b'{"event": 7}\n{"event":"begin","at":"soon"}\n{"event":"en')
    done = ran("show")
    assert (done.exit_code, "5 of 165 actions" in done.stdout) == (0, True), done.output
    assert "3 line(s) of the journal cannot be read: 1, " in done.stdout
    logs = ran("logs").stdout.splitlines()
    assert logs[0] == "line 1 of the journal cannot be read"
    assert logs[-2] == "soon begin"
    assert ran("list").exit_code == 0


@pytest.mark.parametrize("content", [b"{", b"", b'{"schema": 1, "playbook": "uninstall"}'])
def test_a_run_with_a_damaged_plan_is_told_with_its_journal(content: bytes) -> None:
    folder = started("ks-reset apply plan.json", why="It was cut off.", exit=7)
    (folder / "plan.json").write_bytes(content)
    shown = ran("show")
    assert (shown.exit_code, f"{folder.name}  stopped, exit code 7" in shown.stdout) == (0, True), shown.output
    assert "5 action(s) done" in shown.stdout
    assert "schema" in shown.stdout or "is not a plan" in shown.stdout
    (folder / "plan.json").unlink()
    assert folder.name in ran("list").stdout
    assert len(ran("logs", folder.name).stdout.splitlines()) == 14


def test_an_unknown_run_is_answered_with_the_nearest_one_and_the_list() -> None:
    folder, _, _ = finished_run()
    near = f"uninstal{folder.name.removeprefix('uninstall')}"
    for command in ("show", "logs"):
        refused = ran(command, near).exception
        assert isinstance(refused, UnknownName)
        assert "ks-reset runs list" in str(refused)
        assert str(refused).endswith(f"Did you mean {folder.name}? ks-reset runs {command} {folder.name}")
    assert "Did you mean" not in str(ran("show", "x").exception)


@pytest.mark.parametrize("command", runs.app.registered_commands, ids=lambda command: command.name)
def test_the_help_of_each_command_has_an_example_that_is_a_call_of_it(command: Any) -> None:
    words = shlex.split(command.epilog.removeprefix("Example: "))
    assert words[:3] == ["ks-reset", "runs", command.name]
    assert takes_all_flags(words)
    assert command.epilog.split()[1:4] == words[:3]
    assert words[-1] in ran(command.name, "--help").stdout
