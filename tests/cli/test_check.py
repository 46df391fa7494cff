"""check: a line for each question, the exit code of the worst, and each refusal with the way on."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from ks_reset import facts as reading
from ks_reset.cli import app
from ks_reset.cli import check as subject
from ks_reset.cli.options import Connection
from ks_reset.errors import Exit, Refused, ResetError, Retry, Usage
from ks_reset.language import use_language
from ks_reset.model import FleetFacts, Kind, Options
from ks_reset.plan.playbook import load_playbook
from ks_reset.workflows import check as asking
from ks_reset.workflows.plan import checked_plan
from tests.build import facts
from tests.commands import has_way_on, prose_left
from tests.findings.gapped import without_rights
from tests.incident import incident_facts

WORKSPACE = {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace", "metadata": {"name": "ws1"}}
VALUES = "version: v3.3.1\nsource: {path: /nowhere/kubesphere-installer.yaml, sha256: '0'}\n"


class Clients:
    """The clients of a fleet and each of them in one; `denied` are verbs that the account lacks."""

    context, way = "host", SimpleNamespace(user="")

    def __init__(self, *denied: str) -> None:
        self.denied = denied

    def only(self, *_: object) -> "Clients":
        return self

    def cluster(self, _: str) -> "Clients":
        return self

    def is_allowed(self, verb: str, _: Kind, __: str, ___: str = "") -> bool:
        return verb not in self.denied


def check(monkeypatch: pytest.MonkeyPatch, fleet: FleetFacts, clients: Clients, *words: str) -> Any:
    monkeypatch.setattr(Connection, "open_clients", lambda _: clients)
    monkeypatch.setattr(subject, "gather_facts", lambda *_: fleet)
    return CliRunner().invoke(app, ["check", *words, "--context", "host"])


def answers(done: Any) -> dict[str, str]:
    return {row["id"]: row["answer"] for row in json.loads(done.stdout)}


def test_all_questions_pass_where_a_plan_can_be_made_and_applied(monkeypatch: pytest.MonkeyPatch) -> None:
    done = check(monkeypatch, facts([WORKSPACE]), Clients())
    assert done.exit_code == Exit.OK, done.output
    assert "Of 2 question(s) 2 pass, 0 fail, 0 cannot be answered." in done.stdout
    assert "ks-reset check install.yaml" in done.stderr, "what was not asked is said"


def test_a_missing_permission_fails_with_the_commands_that_give_it(monkeypatch: pytest.MonkeyPatch) -> None:
    done = check(monkeypatch, facts([WORKSPACE]), Clients("delete"))
    assert done.exit_code == Exit.REFUSED
    assert "kubectl --context host create clusterrole ks-reset-" in done.stdout
    shown = check(monkeypatch, facts([WORKSPACE]), Clients("delete"), "-o", "json")
    assert answers(shown) == {"plan": "pass", "permissions": "fail"}
    assert check(monkeypatch, facts([WORKSPACE]), Clients("delete"), "-o", "name").stdout == "permissions\n"


def test_what_was_not_read_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    done = check(monkeypatch, without_rights(facts([WORKSPACE])), Clients(), "-o", "json")
    assert done.exit_code == Exit.UNKNOWN
    rows = json.loads(done.stdout)
    assert {row["answer"] for row in rows} == {"unknown"}
    assert [row["id"] for row in rows if not has_way_on(row["reason"])] == []


@pytest.mark.parametrize("error", [Retry("GET /apis was answered with 503."), ResetError("The disk is full.")])
def test_an_answer_that_did_not_come_is_no_answer(monkeypatch: pytest.MonkeyPatch, error: ResetError) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(asking, "require_permissions", fail)
    done = check(monkeypatch, facts([WORKSPACE]), Clients(), "-o", "json")
    assert answers(done) == {"plan": "pass", "permissions": "unknown"}
    assert done.exit_code == Exit.UNKNOWN


def test_a_flag_that_names_nothing_is_a_mistake_of_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    done = check(monkeypatch, facts([WORKSPACE]), Clients(), "--keep-type", "widgets.odd.kubesphere.io")
    assert isinstance(done.exception, Usage)
    assert "ks-reset plan uninstall" in str(done.exception)


def test_a_refused_plan_is_told_as_a_refusal_tells_it(monkeypatch: pytest.MonkeyPatch) -> None:
    fleet = incident_facts("produce-trt")
    done = check(monkeypatch, fleet, Clients())
    assert done.exit_code == Exit.REFUSED
    with pytest.raises(Refused) as refused:
        checked_plan(load_playbook("uninstall"), fleet, Options())
    assert refused.value.told
    for reason in refused.value.told.reasons:
        assert " ".join(reason.title.split()) in " ".join(done.stdout.split())
    head, *rest = done.stdout.splitlines()
    assert head == "FAIL  uninstall can be planned  (plan)"
    assert rest[-1] == "Of 2 question(s) 0 pass, 1 fail, 1 cannot be answered."
    assert [line.split("  ")[0] for line in rest if line.startswith(("PASS", "FAIL", "UNKNOWN"))] == ["UNKNOWN"]
    assert "  Way on " in done.stdout


def test_the_screen_is_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    use_language("zh")
    try:
        done = check(monkeypatch, incident_facts("produce-trt"), Clients())
    finally:
        use_language("en")
    assert prose_left(done.output) == []
    assert done.stdout.startswith("失败 可以为 uninstall 制定计划")
    assert "后续办法" in done.stdout


@pytest.mark.parametrize("allowed", ["", "allow: [source]\n"])
def test_an_installation_without_its_source_is_a_question_of_its_own(
    allowed: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "install.yaml").write_text(VALUES + allowed)
    done = check(monkeypatch, facts([WORKSPACE]), Clients(), str(tmp_path / "install.yaml"), "-o", "json")
    assert list(answers(done)) == ["plan", "permissions", "installation", "configuration"]
    assert answers(done)["installation"] != "pass"
    assert answers(done)["configuration"] == "unknown"
    assert all(has_way_on(row["reason"]) for row in json.loads(done.stdout) if row["answer"] != "pass")
    assert done.exit_code in (Exit.REFUSED, Exit.UNKNOWN)


def test_a_snapshot_holds_no_rights(tmp_path: Path) -> None:
    reading.save_snapshot(facts([WORKSPACE]), tmp_path / "s.json.gz")
    done = CliRunner().invoke(app, ["check", "--snapshot", str(tmp_path / "s.json.gz"), "-o", "json"])
    assert answers(done) == {"plan": "pass", "permissions": "unknown"}
    assert done.exit_code == Exit.UNKNOWN
