"""backup: one folder with snapshot, vault and memory, whose manifest has digests and commands that can be typed."""

import errno
import hashlib
import json
import shlex
from pathlib import Path
from typing import Any

import pyrage
import pytest
from msgspec import structs
from typer.testing import CliRunner

from ks_reset import facts as reading
from ks_reset.cli import app
from ks_reset.cli import backup as subject
from ks_reset.cli.options import Connection
from ks_reset.credentials.vault import open_vault
from ks_reset.errors import Exit, Refused, Unknown, Usage
from ks_reset.language import use_language
from ks_reset.model import FleetFacts, Kind, Missing
from ks_reset.workflows import backup as saving
from tests.build import facts
from tests.commands import commands_in, prose_left
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
    assert manifest["clusters"] == {"uid-of-host": "host", "uid-of-test": "test"}
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


def test_a_secret_that_may_not_be_read_is_missing_in_the_vault_and_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: tuple[str, Path]
) -> None:
    read = Clients.get

    def get(self: Clients, kind: Kind, name: str, namespace: str = "") -> dict[str, Any]:
        if name == "hidden":
            raise Unknown("secrets hidden is forbidden")
        return read(self, kind, name, namespace)

    monkeypatch.setattr(Clients, "get", get)
    hidden = SECRET | {"metadata": SECRET["metadata"] | {"name": "hidden"}}
    done = back_up(monkeypatch, facts([SPACE, SECRET, hidden]), tmp_path / "before", key[0])
    assert done.exit_code == Exit.UNKNOWN, done.output
    (entry,) = open_vault(tmp_path / "before" / "vault.age", key[1]).kept
    assert entry.body["metadata"]["name"] == "redis-secret"
    manifest = json.loads((tmp_path / "before" / "manifest.json").read_text())
    assert manifest["unread"] == ["host: Secret kubesphere-system/hidden: secrets hidden is forbidden"]


def test_every_command_of_the_manifest_can_be_typed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: tuple[str, Path]
) -> None:
    done = back_up(monkeypatch, incident_facts(), tmp_path / "be fore", key[0], "-o", "json")
    commands = [shlex.split(line) for file in json.loads(done.stdout)["files"] for line in file["use"]]
    assert {words[0] for words in commands} == {"ks-reset", "kubectl"}
    for program, *words in commands:
        if program == "ks-reset":
            assert unknown_words(tuple(words)) == []
        assert "--context" in words or words[0] == "doctor"
        assert [word for word in words if str(tmp_path) in word and not Path(word).is_file()] == []


def refused_command(done: Any) -> list[str]:
    """The words of the command in a refusal."""
    assert isinstance(done.exception, Refused), done.output
    return shlex.split(str(done.exception).partition("ks-reset ")[2])


def test_a_folder_that_is_there_is_refused_with_a_free_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: tuple[str, Path]
) -> None:
    (tmp_path / "before").mkdir()
    (tmp_path / "before-2").write_text("mine")
    (tmp_path / "before-3").symlink_to(tmp_path / "nowhere")
    words = refused_command(back_up(monkeypatch, facts([]), tmp_path / "before", key[0]))
    assert words[words.index("--to") + 1] == str(tmp_path / "before-4")
    again = CliRunner().invoke(app, words)
    assert again.exit_code == Exit.OK, again.output
    assert (tmp_path / "before-2").read_text() == "mine"


@pytest.mark.parametrize("to", [".", ".."])
def test_a_folder_without_a_name_of_its_own_is_refused_with_a_name_in_it(
    to: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: tuple[str, Path]
) -> None:
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    words = refused_command(back_up(monkeypatch, facts([]), Path(to), key[0]))
    assert CliRunner().invoke(app, words).exit_code == Exit.OK
    assert (tmp_path / "inner" / to / "backup" / "manifest.json").is_file()


def test_a_backup_that_fails_half_way_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: tuple[str, Path]
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "place").mkdir()
    monkeypatch.setattr(saving, "_described", fail)
    done = back_up(monkeypatch, facts([SPACE, SECRET]), tmp_path / "place" / "before", key[0])
    assert isinstance(done.exception, Usage)
    assert "No space left on device" in str(done.exception)
    assert list((tmp_path / "place").iterdir()) == []


def test_two_clusters_of_one_name_have_a_memory_each(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: tuple[str, Path]
) -> None:
    fleet = incident_facts()
    member = structs.replace(fleet.members[0], name=fleet.host.name)
    done = back_up(monkeypatch, structs.replace(fleet, members=(member,)), tmp_path / "before", key[0], "-o", "name")
    names = ["memory/host-uid-of-test.yaml", "memory/host-uid-of-host.yaml"]
    assert done.stdout.splitlines()[2:] == names
    assert len({(tmp_path / "before" / name).read_text() for name in names}) == 2


def test_a_wrong_key_is_told_before_anything_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Connection, "open_clients", lambda _: pytest.fail("a cluster was asked"))
    done = CliRunner().invoke(app, ["backup", "--to", str(tmp_path / "before"), "-r", "age2wrong"])
    assert isinstance(done.exception, Usage)
    assert not (tmp_path / "before").exists()


def test_what_was_not_read_is_in_the_manifest_and_ends_as_unknown_with_the_way_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: tuple[str, Path]
) -> None:
    lost = Missing("eu", "eu-admin", "connection refused")
    fleet = structs.replace(without_rights(facts([SPACE, SECRET])), missing=(lost,))
    done = back_up(monkeypatch, fleet, tmp_path / "before", key[0])
    assert done.exit_code == Exit.UNKNOWN
    unread = json.loads((tmp_path / "before" / "manifest.json").read_text())["unread"]
    assert [line.partition(":")[0] for line in unread] == ["host", "host", "eu"]
    assert f"{tmp_path}/before." in done.stderr, "what was read is saved there"
    ways = [words for words in commands_in(done.stderr) if words[0] == "ks-reset"]
    assert [words[1] for words in ways] == ["doctor", "backup"]
    assert [unknown_words(tuple(words[1:])) for words in ways] == [[], []]
    assert CliRunner().invoke(app, ways[1][1:]).exit_code == Exit.UNKNOWN
    assert (tmp_path / "before-2").is_dir()


def test_a_cluster_without_anything_to_remember_has_no_file_for_kubectl(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: tuple[str, Path]
) -> None:
    done = back_up(monkeypatch, facts([SECRET]), tmp_path / "before", key[0], "-o", "name")
    assert done.stdout.splitlines() == ["before.json.gz", "vault.age"]


def test_the_screen_is_chinese_and_the_manifest_is_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: tuple[str, Path]
) -> None:
    fleet = without_rights(incident_facts())
    english = back_up(monkeypatch, fleet, tmp_path / "en", key[0])
    use_language("zh")
    try:
        chinese = back_up(monkeypatch, fleet, tmp_path / "zh", key[0])
    finally:
        use_language("en")
    assert english.exit_code == chinese.exit_code == Exit.UNKNOWN
    assert prose_left(chinese.output) == []
    contents = [
        [file["content"] for file in json.loads((tmp_path / name / "manifest.json").read_text())["files"]]
        for name in ("en", "zh")
    ]
    assert contents[0] == contents[1]
