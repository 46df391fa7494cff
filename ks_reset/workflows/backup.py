"""Snapshot, vault and memory of a fleet in one folder, with a manifest: digests, and the commands that use a file."""

import hashlib
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import Struct

from ks_reset import __version__, local
from ks_reset import facts as reading
from ks_reset.credentials.vault import Vault, write_vault
from ks_reset.errors import Refused, Usage
from ks_reset.model import FleetFacts

SNAPSHOT, VAULT, MEMORY, MANIFEST = "before.json.gz", "vault.age", "memory", "manifest.json"
Complete = Callable[[str], str]
"""Adds to a command the flags that lead to the same clusters."""


class SavedFile(Struct, frozen=True):
    """A file of the backup: its name in the folder, its SHA-256 and size in bytes, and the commands that use it."""

    name: str
    sha256: str
    size: int
    content: str
    use: tuple[str, ...]


class Backup(Struct, frozen=True):
    """What manifest.json holds. `clusters` are kube-system UIDs by name, `unread` what could not be read, with why."""

    taken: str
    version: str
    folder: str
    clusters: dict[str, str]
    unread: tuple[str, ...]
    files: tuple[SavedFile, ...]


def require_new(folder: Path) -> None:
    """Raises Refused, with a command for a free name, if anything has this name."""
    if not (folder.exists() or folder.is_symlink()):
        return
    number = 2
    while (other := folder.with_name(f"{folder.name}-{number}")).exists():
        number += 1
    free = shlex.quote(str(other))
    raise Refused(f"{folder} is there, and a backup overwrites nothing. Nothing was read. ks-reset backup --to {free}")


def save_backup(
    folder: Path,
    facts: FleetFacts,
    vault: Vault,
    recipients: list[str],
    manifests: dict[str, str],
    complete: Complete,
) -> Backup:
    """Write the folder, mode 0700, whole or not at all. `manifests` are the texts of the memory by cluster name.

    The commands name the files by absolute paths. Raises Usage if something cannot be written.
    """
    place = folder.absolute()
    beside = place.with_name(f".{place.name}.partial")
    try:
        local.private_folder(beside / MEMORY)
        reading.save_snapshot(facts, beside / SNAPSHOT)
        write_vault(vault, recipients, beside / VAULT)
        for name, text in manifests.items():
            local.write_private_file(beside / MEMORY / _manifest_name(name), text.encode())
        backup = _described(place, beside, facts, vault, complete)
        described = msgspec.json.format(msgspec.json.encode(backup), indent=2)
        local.write_private_file(beside / MANIFEST, described)
        beside.rename(place)
    except OSError as error:
        raise Usage(f"The backup cannot be written to {folder}: {error.strerror}.") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return backup


def _described(place: Path, beside: Path, facts: FleetFacts, vault: Vault, complete: Complete) -> Backup:
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
        name = f"{MEMORY}/{_manifest_name(cluster.name)}"
        apply = f"kubectl --context {shlex.quote(cluster.context)} apply -f {shlex.quote(str(place / name))}"
        files.append(_saved(beside, name, f"Workspaces and memberships of {cluster.name}", complete(apply)))
    return Backup(
        taken=vault.taken,
        version=__version__,
        folder=str(place),
        clusters={cluster.name: cluster.identity for cluster in facts.clusters},
        unread=tuple(_unread(facts)),
        files=tuple(files),
    )


def _saved(beside: Path, name: str, content: str, *use: str) -> SavedFile:
    data = (beside / name).read_bytes()
    return SavedFile(name, hashlib.sha256(data).hexdigest(), len(data), content, use)


def _unread(facts: FleetFacts) -> list[str]:
    gaps = [f"{cluster.name}: {gap.what}: {gap.why}" for cluster in facts.clusters for gap in cluster.gaps]
    return [*gaps, *(f"{member.name}: {member.why}" for member in facts.missing)]


def _manifest_name(cluster: str) -> str:
    return f"{local.file_name(cluster)}.yaml"
