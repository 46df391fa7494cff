"""No planted credential is in a snapshot, a plan, a journal, a baseline or in the output of any command."""

import gzip
from pathlib import Path

import pyrage
import pytest

from ks_reset import facts as reading
from ks_reset.credentials.redact import redact_object
from ks_reset.facts.snapshot import Baseline
from ks_reset.journal import Journal
from ks_reset.model import Delete, Kind, Options
from ks_reset.plan.file import encode_plan
from ks_reset.plan.make import make_plan
from ks_reset.plan.playbook import load_playbook
from tests.build import action
from tests.cluster.answering import answering
from tests.cluster.test_lying_server import run_command
from tests.credentials.planted import Planted

COMMANDS = [
    ("doctor",),
    ("doctor", "-v"),
    ("doctor", "-o", "json"),
    ("doctor", "-o", "yaml"),
    ("plan", "uninstall"),
    ("plan", "uninstall", "-v"),
    ("plan", "uninstall", "--output", "json"),
    ("plan", "unbind", "--output", "yaml"),
    ("explain", "namespace/kube-system", "-v"),
    ("explain", "workspace/a-workspace", "-o", "json"),
    ("explain", "deployment/a-deployment", "-n", "shop", "-o", "svg"),
    ("verify", "-o", "json"),
    ("verify",),
    ("memory", "-o", "json"),
]


@pytest.fixture(scope="module")
def planted() -> Planted:
    return Planted()


def found_in(planted: Planted, text: str) -> list[str]:
    return [secret for secret in planted.secrets if secret in text]


def test_there_are_credentials_of_many_kinds(planted: Planted) -> None:
    assert len(planted.secrets) >= 157
    assert len(planted.kinds) >= 12


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_output_holds_a_credential(
    command: tuple[str, ...],
    planted: Planted,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with answering(planted.serve()) as server:
        code = run_command(server, tmp_path, monkeypatch, *command)
    said = "".join(capsys.readouterr())
    assert found_in(planted, said) == []
    assert code in (0, 3, 4, 5), said


def test_no_snapshot_baseline_or_plan_holds_a_credential(
    planted: Planted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = tmp_path / "s.json.gz"
    with answering(planted.serve()) as server:
        assert run_command(server, tmp_path, monkeypatch, "snapshot", "--out", str(snapshot)) == 0
    text = gzip.decompress(snapshot.read_bytes()).decode()
    assert found_in(planted, text) == []
    assert "a-deployment" in text
    facts = reading.load_snapshot(snapshot)
    for name in ("uninstall", "unbind", "repair"):
        plan = make_plan(load_playbook(name), facts, Options())
        assert found_in(planted, encode_plan(plan).decode()) == []
    baseline = tmp_path / "baseline.json"
    reading.save_snapshot(Baseline(facts.tool, facts.taken, facts.host), baseline)
    assert found_in(planted, baseline.read_text()) == []


def test_a_backup_holds_credentials_in_its_vault_alone(
    planted: Planted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, identity = tmp_path / "before", pyrage.x25519.Identity.generate()
    words = ("--to", str(folder), "-r", str(identity.to_public()))
    with answering(planted.serve()) as server:
        code = run_command(server, tmp_path, monkeypatch, "backup", *words)
    said = "".join(capsys.readouterr())
    assert code == 5, "an Ingress of another shape was not read"
    assert found_in(planted, said) == []
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert {file.name for file in files} >= {"before.json.gz", "vault.age", "manifest.json"}
    for file in files:
        data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        assert found_in(planted, data.decode("latin-1")) == [], file
        assert file.stat().st_mode & 0o077 == 0, file
    opened = pyrage.decrypt((folder / "vault.age").read_bytes(), [identity]).decode()
    assert found_in(planted, opened) != []


def test_no_journal_holds_a_credential(planted: Planted, tmp_path: Path) -> None:
    with Journal(tmp_path / "run") as journal:
        for kind in planted.kinds:
            for body in planted.objects[kind.key]:
                journal.begin_action(action(Delete, "c", kind, body["metadata"]["name"]), redact_object(body, kind.key))
    text = (tmp_path / "run" / "journal.jsonl").read_text()
    assert found_in(planted, text) == []
    assert text.count('"begin"') == len(planted.kinds)


def test_a_change_of_a_hidden_value_is_still_seen(planted: Planted) -> None:
    kind = Kind("shop.example.com", "v1", "Widget", "widgets", True)
    body = planted.objects[kind.key][0]
    changed = {**body, "spec": {**body["spec"], "passwords": ["another"]}}
    one, other = (redact_object(each, kind.key) for each in (body, changed))
    assert one != other
    assert one == redact_object(body, kind.key)
