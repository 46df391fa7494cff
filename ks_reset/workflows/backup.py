"""Snapshot, vault and memory of a fleet in one folder, with a manifest: digests, and the commands for a file."""

import hashlib
import os
import shlex
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from ks_reset import __version__, local
from ks_reset import facts as reading
from ks_reset.credentials.vault import Vault, write_vault
from ks_reset.errors import Correction, Reason, Refused, Unknown, Usage, error_of
from ks_reset.model import FleetFacts

SNAPSHOT, VAULT, MEMORY, MANIFEST = "before.json.gz", "vault.age", "memory", "manifest.json"
SHOWN = 3
"""How many unread lists a message names; the manifest has all."""
Complete = Callable[[str], str]
"""Adds to a command the flags that lead to the same clusters."""


class Contents(Struct, frozen=True):
    """What is saved. `recipients` are the keys of the vault, `manifests` the memory as YAML, by cluster identity.

    `unread` are the objects missing in the vault, with why.
    """

    facts: FleetFacts
    vault: Vault
    recipients: list[str]
    manifests: Mapping[str, str]
    unread: tuple[str, ...] = ()


class SavedFile(Struct, frozen=True):
    """A file of the backup: its name in the folder, its SHA-256 and size in bytes, and the commands for it."""

    name: str
    sha256: str
    size: int
    content: str
    use: tuple[str, ...]


class Backup(Struct, frozen=True):
    """What manifest.json holds. `clusters` are names by kube-system UID, `unread` what could not be read, with why."""

    taken: str
    version: str
    folder: str
    clusters: dict[str, str]
    unread: tuple[str, ...]
    files: tuple[SavedFile, ...]


def require_new(folder: Path) -> None:
    """Raises Refused, with a command for a free name, if anything has this name."""
    if os.path.lexists(folder):
        title = f"{folder} is there, and a backup overwrites nothing"
        raise error_of(Refused, Reason(title, (), "Nothing was read.", _command_for_free_name(folder)))


def save_backup(folder: Path, contents: Contents, complete: Complete) -> Backup:
    """Write the folder, mode 0700, whole or not at all: to a new folder beside it, renamed at the end.

    The commands name the files by absolute paths. Raises Usage if something cannot be written.
    """
    place = folder.absolute()
    try:
        beside = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=local.private_folder(place.parent)))
        try:
            names = _memory_names(contents)
            _write_files(beside, contents, names)
            backup = _described(place, beside, contents, names, complete)
            local.write_private_file(beside / MANIFEST, msgspec.json.format(msgspec.json.encode(backup), indent=2))
            beside.rename(place)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except OSError as error:
        raise Usage(
            f"The backup cannot be written to {folder}: {error.strerror}.", Correction(str(folder), "FOLDER")
        ) from error
    return backup


def unread_error(backup: Backup) -> Unknown | None:
    """What could not be read and so is not in the backup, with the way on; None if all was read."""
    if not backup.unread:
        return None
    seen = backup.unread[:SHOWN]
    if len(backup.unread) > SHOWN:
        seen = (*seen, f"… and {len(backup.unread) - SHOWN} more, which {MANIFEST} has")
    again = _command_for_free_name(Path(backup.folder))
    reason = Reason(
        f"The backup lacks {len(backup.unread)} answer(s) that could not be read",
        seen,
        f"Everything else is saved in {backup.folder}.",
        "To see what mends an unread list: ks-reset doctor. An unread Secret needs an account that may get "
        f"KubeSphere's Secrets, such as an administrator's. Then save another backup: {again}",
    )
    return error_of(Unknown, reason)


def _command_for_free_name(folder: Path) -> str:
    """The command for a name beside the folder, or inside of one that has no name of its own."""
    named = folder.name not in ("", "..")
    number, free = 2, folder.with_name(f"{folder.name}-2") if named else folder / "backup"
    while os.path.lexists(free):
        number += 1
        free = folder.with_name(f"{folder.name}-{number}") if named else folder / f"backup-{number}"
    return f"ks-reset backup --to {shlex.quote(str(free))}"


def _memory_names(contents: Contents) -> dict[str, str]:
    """The file of the memory of each cluster that has one, by identity; clusters of one name have their identity."""
    clusters = contents.facts.clusters
    names = [cluster.name for cluster in clusters]
    return {
        c.identity: f"{MEMORY}/{local.file_name(c.name if names.count(c.name) == 1 else f'{c.name}-{c.identity}')}.yaml"
        for c in clusters
        if c.identity in contents.manifests
    }


def _write_files(beside: Path, contents: Contents, names: Mapping[str, str]) -> None:
    reading.save_snapshot(contents.facts, beside / SNAPSHOT)
    write_vault(contents.vault, contents.recipients, beside / VAULT)
    local.private_folder(beside / MEMORY)
    for identity, name in names.items():
        local.write_private_file(beside / name, contents.manifests[identity].encode())


def _described(place: Path, beside: Path, contents: Contents, names: Mapping[str, str], complete: Complete) -> Backup:
    facts, vault = contents.facts, contents.vault
    snapshot, sealed = (shlex.quote(str(place / name)) for name in (SNAPSHOT, VAULT))
    opened = f"--vault {sealed} --identity KEY-FILE"
    count = sum(len(objs) for cluster in facts.clusters for objs in cluster.objects.values())
    files = [
        _saved(
            beside,
            SNAPSHOT,
            f"{count} objects of {len(facts.clusters)} cluster(s), without credentials",
            f"ks-reset doctor --snapshot {snapshot}",
            complete(f"ks-reset plan rebind --memory {snapshot} {opened} --out rebind.json"),
        ),
        _saved(
            beside,
            VAULT,
            f"{len(vault.kept)} complete objects, encrypted",
            complete(f"ks-reset plan restore --run RUN {opened} --out restore.json"),
            complete(f"ks-reset reset --values VALUES-FILE {opened}"),
        ),
    ]
    for cluster in facts.clusters:
        if name := names.get(cluster.identity):
            apply = f"kubectl --context {shlex.quote(cluster.context)} apply -f {shlex.quote(str(place / name))}"
            files.append(_saved(beside, name, f"Workspaces and memberships of {cluster.name}", complete(apply)))
    return Backup(
        taken=vault.taken,
        version=__version__,
        folder=str(place),
        clusters={cluster.identity: cluster.name for cluster in facts.clusters},
        unread=(*_unread(facts), *contents.unread),
        files=tuple(files),
    )


def _saved(beside: Path, name: str, content: str, *use: str) -> SavedFile:
    data = (beside / name).read_bytes()
    return SavedFile(name, hashlib.sha256(data).hexdigest(), len(data), content, use)


def _unread(facts: FleetFacts) -> list[str]:
    gaps = [f"{cluster.name}: {gap.what}: {gap.why}" for cluster in facts.clusters for gap in cluster.gaps]
    return [*gaps, *(f"{member.name}: {member.why}" for member in facts.missing)]
