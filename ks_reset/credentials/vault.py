"""What no snapshot may hold, encrypted with age for the operator's own key: Secrets, ConfigMaps, password hashes.

A plan says of an object only that it is in the vault; `apply` opens that, and fills in what it sends.
"""

from pathlib import Path

import msgspec
import pyrage
from msgspec import Struct

from ks_reset import local
from ks_reset.errors import Usage
from ks_reset.model import Action, BeforeImage, Body, Kind

Place = tuple[str, str, str, str]
"""Identity of the cluster, `Kind.key`, namespace and name."""


class VaultEntry(Struct, frozen=True):
    """An object as the API server gave it, with everything in it."""

    cluster: str
    kind: Kind
    body: Body

    @property
    def place(self) -> Place:
        meta = self.body["metadata"]
        return self.cluster, self.kind.key, meta.get("namespace", ""), meta["name"]


class Vault(Struct, frozen=True):
    """An opened vault."""

    taken: str
    kept: tuple[VaultEntry, ...] = ()

    def get(self, place: Place) -> Body | None:
        """The whole object, or None if the vault does not have it."""
        return next((each.body for each in self.kept if each.place == place), None)

    def of(self, what: Action | BeforeImage) -> Body | None:
        """The whole object that this is about, or None."""
        return self.get(place(what))


def seal(vault: Vault, recipients: list[str], path: Path) -> None:
    """Write a vault, mode 0600, that only these age or SSH keys open. Raises Usage for a key that is none."""
    keys = [_recipient(text) for text in recipients]
    try:
        local.write(path, pyrage.encrypt(msgspec.json.encode(vault), keys))
    except OSError as error:
        raise Usage(f"The vault cannot be written to {path}: {error.strerror}.") from error


def unseal(path: Path, identity: Path) -> Vault:
    """Open a vault with the key in a file. Raises Usage if that fails."""
    try:
        opened = pyrage.decrypt(path.read_bytes(), _identities(identity))
        return msgspec.json.decode(opened, type=Vault)
    except OSError as error:
        raise Usage(f"{error.filename} cannot be read: {error.strerror}.") from error
    except (pyrage.DecryptError, msgspec.MsgspecError) as error:
        raise Usage(f"The vault {path} cannot be opened with the key in {identity}: {error}.") from error


def place(what: Action | BeforeImage) -> Place:
    obj = what.obj if isinstance(what, BeforeImage) else what
    return what.cluster, what.kind.key, obj.namespace, obj.name


def _recipient(text: str) -> object:
    for read in (pyrage.x25519.Recipient.from_str, pyrage.ssh.Recipient.from_str):
        try:
            return read(text)
        except pyrage.RecipientError:
            continue
    raise Usage(f"'{text[:12]}…' is neither an age key (age1…) nor an SSH public key. age-keygen makes one.")


def _identities(path: Path) -> list[object]:
    """age keys, one a line, or an SSH private key."""
    text = path.read_bytes()
    lines = [line for line in text.decode(errors="replace").splitlines() if line.startswith("AGE-SECRET-KEY-")]
    try:
        return [pyrage.x25519.Identity.from_str(line) for line in lines] or [pyrage.ssh.Identity.from_buffer(text)]
    except pyrage.IdentityError as error:
        raise Usage(f"{path} holds no key that can be used: {error}.") from error
