"""The values behind the digests of what a run deletes, kept beside its journal: restore fills them in again.

The file has mode 0600 and stays in the state directory. It holds no value of a field named as a credential, and no data
of a Secret or ConfigMap: the vault keeps these.
"""

import gzip
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from ks_reset import local
from ks_reset.credentials.digests import DIGEST, Scalar
from ks_reset.credentials.recorded import as_manifest
from ks_reset.errors import SAME_CALL, Usage
from ks_reset.limits import SNAPSHOT_BYTES, decode_json, read_file, unpack_gzip
from ks_reset.model import Body, Delete, FleetFacts, Outcome, Plan

NAME = "originals.json.gz"


def save_originals(folder: Path, plan: Plan, facts: FleetFacts, seen: Mapping[str, Scalar]) -> None:
    """Keep the values of the objects that go by the plan; `seen` are all values read, by digest. Raises Usage."""
    gone = {(a.cluster, a.uid) for a in plan.actions if isinstance(a, Delete)}
    foreseen = {(each.cluster, each.object) for each in plan.foreseen if each.fate == Outcome.DELETED}
    kept = {
        digest: seen[digest]
        for cluster in facts.clusters
        for obj in cluster.all()
        if (cluster.identity, obj.uid) in gone or (cluster.name, obj.title) in foreseen
        for digest in digests_in(as_manifest(obj.body))
        if digest in seen
    }
    try:
        local.write_private_file(folder / NAME, gzip.compress(msgspec.json.encode(kept)))
    except OSError as error:
        raise Usage(
            f"{folder / NAME} cannot be written: {error.strerror}. Make room, or make it writable.",
            SAME_CALL,
        ) from error


def load_originals(folder: Path) -> dict[str, Scalar]:
    """The values kept by a run, by digest; {} for a run that kept none. Raises Usage for a damaged file."""
    path = folder / NAME
    if not path.is_file():
        return {}
    try:
        return _decoded(path)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise Usage(
            f"{path} cannot be read: {error}. Move it away to restore without the values in it: what it held is then "
            "left out, and named.",
            SAME_CALL,
        ) from error


def _decoded(path: Path) -> dict[str, Scalar]:
    packed = read_file(path, SNAPSHOT_BYTES, "The file")
    kept: dict[str, Scalar] = decode_json(unpack_gzip(packed, SNAPSHOT_BYTES, f"The file {path}"), dict[str, Scalar])
    return kept


def digests_in(body: Body) -> Iterable[str]:
    """Every digest in the texts of an object."""
    return DIGEST.findall(msgspec.json.encode(body).decode())
