"""The vault: Secrets, ConfigMaps and password hashes, encrypted with age for the operator's own key.

Snapshots never contain them. A plan refers to an object in the vault; `apply` opens the vault and fills in the
requests.
"""

from pathlib import Path

import msgspec
import pyrage
from msgspec import Struct

from ks_reset import local
from ks_reset.errors import Correction, Usage, other_file
from ks_reset.limits import IDENTITY_BYTES, VAULT_BYTES, decode_json, read_file
from ks_reset.model import Action, BeforeImage, Body, Kind

Place = tuple[str, str, str, str]
"""Identity of the cluster, `Kind.key`, namespace and name."""


class VaultEntry(Struct, frozen=True):
    """A complete object as read from the API server."""

    cluster: str
    kind: Kind
    body: Body

    @property
    def place(self) -> Place:
        meta = self.body["metadata"]
        return self.cluster, self.kind.key, meta.get("namespace", ""), meta["name"]


class Vault(Struct, frozen=True):
    """An opened vault; `taken` is the time of its snapshot."""

    taken: str
    kept: tuple[VaultEntry, ...] = ()

    def get(self, place: Place) -> Body | None:
        """The complete object, or None if it is not in the vault."""
        return next((entry.body for entry in self.kept if entry.place == place), None)

    def of(self, what: Action | BeforeImage) -> Body | None:
        """The complete object of an action or a before-image, or None."""
        return self.get(place_of(what))


def write_vault(vault: Vault, recipients: list[str], path: Path) -> None:
    """Write a vault, mode 0600, encrypted for these age or SSH keys. Raises Usage for an invalid key or path."""
    keys = parse_recipients(recipients)
    try:
        local.write_private_file(path, pyrage.encrypt(msgspec.json.encode(vault), keys))
    except OSError as error:
        raise Usage(f"The vault cannot be written to {path}: {error.strerror}.", other_file(path)) from error


def open_vault(path: Path, identity: Path) -> Vault:
    """Decrypt a vault with the key in a file. Raises Usage on failure."""
    try:
        opened = pyrage.decrypt(read_file(path, VAULT_BYTES, "The vault"), _read_identities(identity))
        vault: Vault = decode_json(opened, Vault)
        return vault
    except OSError as error:
        raise Usage(f"{error.filename} cannot be read: {error.strerror}.", other_file(error.filename)) from error
    except (pyrage.DecryptError, ValueError) as error:
        what = f"The vault {path} cannot be opened with the key in {identity}: {error}."
        raise Usage(what, other_file(identity), other_file(path)) from error


def place_of(what: Action | BeforeImage) -> Place:
    """The cluster, kind, namespace and name of an action's or a before-image's object."""
    obj = what.obj if isinstance(what, BeforeImage) else what
    return what.cluster, what.kind.key, obj.namespace, obj.name


def parse_recipients(texts: list[str]) -> list[object]:
    """The age and SSH keys to open a vault. Raises Usage for an invalid one."""
    return [_parse_recipient(text) for text in texts]


def _parse_recipient(text: str) -> object:
    for read in (pyrage.x25519.Recipient.from_str, pyrage.ssh.Recipient.from_str):
        try:
            return read(text)
        except pyrage.RecipientError:
            continue
    raise Usage(
        f"'{text[:12]}…' is neither an age key (age1…) nor an SSH public key. age-keygen makes one.",
        Correction(text, "age1…"),
    )


def _read_identities(path: Path) -> list[object]:
    """The age keys in a file, one a line, or its SSH private key. Raises Usage."""
    text = read_file(path, IDENTITY_BYTES, "The key file")
    lines = [line for line in text.decode(errors="replace").splitlines() if line.startswith("AGE-SECRET-KEY-")]
    try:
        return [pyrage.x25519.Identity.from_str(line) for line in lines] or [pyrage.ssh.Identity.from_buffer(text)]
    except pyrage.IdentityError as error:
        raise Usage(f"{path} holds no usable key: {error}.", other_file(path)) from error
