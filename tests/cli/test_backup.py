"""backup: one folder with snapshot, vault and memory, whose manifest has digests and commands that can be typed."""

import hashlib
import json
import shlex
from pathlib import Path
from typing import Any

import pyrage
import pytest
from typer.testing import CliRunner

from ks_reset import facts as reading
from ks_reset.cli import app
from ks_reset.cli import backup as subject
from ks_reset.cli.options import Connection
from ks_reset.credentials.vault import open_vault
from ks_reset.errors import Exit, Refused, Usage
from ks_reset.model import FleetFacts, Kind
from tests.build import facts
from tests.docs.test_pages import unknown_words
from tests.findings.gapped import without_rights
from tests.incident import incident_facts

SECRET: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "redis-secret", "namespace": "kubesphere-system"},
}
SPACE = {
    "apiVersion": "v1",
    "kind": "Namespace",
    "metadata": {"name": "kubesphere-system", "labels": {"kubesphere.io/workspace": "system-workspace"}},
}
PASSWORD = "sesame"


class Clients:
    """A fleet whose objects all have a password."""

    def cluster(self, _: str) -> "Clients":
        return self

    def get(self, kind: Kind, name: str, namespace: str = "") -> dict[str, Any]:
        meta = {"name": name, "namespace": namespace}
        return {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": meta, "data": {"password": PASSWORD}}


@pytest.fixture
def key(tmp_path: Path) -> tuple[str, Path]:
    """A public key, and the file with its private one."""
    identity = pyrage.x25519.Identity.generate()
    file = tmp_path / "key.txt"
    file.write_text(f"{identity}\n")
    return str(identity.to_public()), file


def back_up(monkeypatch: pytest.MonkeyPatch, fleet: FleetFacts, to: Path, key: str, *more: str) -> Any:
    monkeypatch.setattr(Connection, "open_clients", lambda _: Clients())
    monkeypatch.setattr(subject, "gather_facts", lambda *_: fleet)
    return CliRunner().invoke(app, ["backup", "--to", str(to), "-r", key, "--context", "host", *more])


def test_each_file_has_its_digest_and_opens_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: tuple[str, Path]
) -> None:
    fleet, folder = incident_facts("old-host"), tmp_path / "before"
    done = back_up(monkeypatch, fleet, folder, key[0])
    assert done.exit_code == Exit.OK, done.output
    manifest = json.loads((folder / "manifest.json").read_text())
    names = [file["name"] for file in manifest["files"]]
    assert names == ["before.json.gz", "vault.age", "memory/test.yaml", "memory/host.yaml"]
    for file in manifest["files"]:
        data = (folder / file["name"]).read_bytes()
        assert (file["sha256"], file["size"]) == (hashlib.sha256(data).hexdigest(), len(data))
        assert file["name"] in done.output
    assert manifest["clusters"] == {"host": "uid-of-host", "test": "uid-of-test"}
    assert reading.load_snapshot(folder / "before.json.gz").host.identity == fleet.host.identity
    assert not list(tmp_path.glob(".*")), "nothing is left beside it"
    assert folder.stat().st_mode & 0o077 == 0


def test_the_vault_has_what_the_snapshot_leaves_out_and_only_the_key_opens_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: tuple[str, Path]
) -> None:
    folder = tmp_path / "before"
    done = back_up(monkeypatch, facts([SPACE, SECRET]), folder, key[0])
    assert done.exit_code == Exit.OK, done.output
    (entry,) = open_vault(folder / "vault.age", key[1]).kept
    assert (entry.body["metadata"]["name"], entry.body["data"]["password"]) == ("redis-secret", PASSWORD)
    assert not [file for file in folder.rglob("*") if file.is_file() and PASSWORD.encode() in file.read_bytes()]


def test_every_command_of_the_manifest_can_be_typed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: tuple[str, Path]
) -> None:
    done = back_up(monkeypatch, facts([SPACE, SECRET]), tmp_path / "be fore", key[0], "-o", "json")
    commands = [shlex.split(line) for file in json.loads(done.stdout)["files"] for line in file["use"]]
    assert {words[0] for words in commands} == {"ks-reset", "kubectl"}
    for program, *words in commands:
        if program == "ks-reset":
            assert unknown_words(tuple(words)) == []
        assert "--context" in words or words[0] == "doctor"
        assert [word for word in words if str(tmp_path) in word and not Path(word).is_file()] == []


def test_a_folder_that_is_there_is_refused_with_a_free_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: tuple[str, Path]
) -> None:
    (tmp_path / "before").mkdir()
    (tmp_path / "before-2").write_text("mine")
    done = back_up(monkeypatch, facts([]), tmp_path / "before", key[0])
    assert isinstance(done.exception, Refused)
    words = shlex.split(str(done.exception).partition("ks-reset ")[2])
    assert words[words.index("--to") + 1] == str(tmp_path / "before-3")
    again = CliRunner().invoke(app, words)
    assert again.exit_code == Exit.OK, again.output
    assert (tmp_path / "before-2").read_text() == "mine"


def test_a_wrong_key_is_told_before_anything_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Connection, "open_clients", lambda _: pytest.fail("a cluster was asked"))
    done = CliRunner().invoke(app, ["backup", "--to", str(tmp_path / "before"), "-r", "age2wrong"])
    assert isinstance(done.exception, Usage)
    assert not (tmp_path / "before").exists()


def test_what_was_not_read_is_in_the_manifest_and_ends_as_unknown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: tuple[str, Path]
) -> None:
    done = back_up(monkeypatch, without_rights(facts([SPACE, SECRET])), tmp_path / "before", key[0])
    assert done.exit_code == Exit.UNKNOWN
    assert json.loads((tmp_path / "before" / "manifest.json").read_text())["unread"]
