"""The vault: only its key opens it, and a plan never contains its values."""

from pathlib import Path

import pyrage
import pytest

from ks_reset.apply import Credentials
from ks_reset.credentials.vault import Vault, VaultEntry, open_vault, place_of, write_vault
from ks_reset.errors import Usage
from ks_reset.model import Action, BeforeImage, Create, Kind

USERS = Kind("iam.kubesphere.io", "v1alpha2", "User", "users", False)
WHOLE = {
    "apiVersion": "iam.kubesphere.io/v1alpha2",
    "kind": "User",
    "metadata": {"name": "li-wei", "uid": "u", "annotations": {"token": "plain", "new": "since"}},
    "spec": {"email": "a@b.c", "password": "$2a$10$hash"},
    "status": {"state": "Active"},
}
VAULT = Vault("2026-01-01", (VaultEntry("c", USERS, WHOLE),))


@pytest.fixture
def key(tmp_path: Path) -> tuple[str, Path]:
    identity, file = pyrage.x25519.Identity.generate(), tmp_path / "key.txt"
    file.write_text(f"# created: today\n{identity}\n")
    return str(identity.to_public()), file


def action(name: str = "li-wei", *, sealed: bool = True) -> Action:
    body = {"metadata": {"name": name, "annotations": {"token": "sha256:0123456789abcdef"}}, "spec": {"email": "old"}}
    return Create("s", "c", USERS, name, body=body, sealed=sealed)


def test_a_vault_opens_with_its_key_and_only_its_owner_may_read_the_file(key: tuple[str, Path], tmp_path: Path) -> None:
    path, other = tmp_path / "vault.age", tmp_path / "other.txt"
    write_vault(VAULT, [key[0]], path)
    assert open_vault(path, key[1]) == VAULT
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"hash" not in path.read_bytes()
    other.write_text(str(pyrage.x25519.Identity.generate()))
    with pytest.raises(Usage, match="cannot be opened with the key"):
        open_vault(path, other)


def test_invalid_vault_files_and_keys_are_reported(key: tuple[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "vault.age"
    with pytest.raises(Usage, match="neither an age key"):
        write_vault(VAULT, ["age1nonsense"], path)
    with pytest.raises(Usage, match=r"vault.age cannot be read"):
        open_vault(path, key[1])
    path.write_text("no vault")
    with pytest.raises(Usage, match="cannot be opened"):
        open_vault(path, key[1])
    (tmp_path / "empty").write_text("")
    with pytest.raises(Usage, match="holds no usable key"):
        open_vault(path, tmp_path / "empty")


def test_a_sent_object_has_the_vaults_fields_and_is_as_planned_otherwise() -> None:
    assert Credentials(VAULT).fill(action()) == {
        "metadata": {"name": "li-wei", "annotations": {"token": "plain"}},
        "spec": {"email": "old", "password": "$2a$10$hash"},
    }
    assert Credentials().fill(action(sealed=False))["spec"] == {"email": "old"}
    for vault in (None, VAULT):
        with pytest.raises(Usage, match="--vault and --identity"):
            Credentials(vault).fill(action("somebody-else"))


def test_a_secret_that_was_listed_without_its_data_is_sent_with_them() -> None:
    kept = {"metadata": {"name": "s", "labels": {"since": "then"}}, "type": "Opaque", "data": {"k": "dg=="}}
    secret = Kind("", "v1", "Secret", "secrets", True)
    planned = Create("s", "c", secret, "s", body={"metadata": {"name": "s"}}, sealed=True)
    sent = Credentials(Vault("", (VaultEntry("c", secret, kept),))).fill(planned)
    assert sent == {"metadata": {"name": "s"}, "type": "Opaque", "data": {"k": "dg=="}}


def test_a_before_image_and_the_action_that_restores_it_share_a_vault_entry() -> None:
    assert place_of(BeforeImage("c", USERS, WHOLE)) == place_of(action()) == VAULT.kept[0].place
