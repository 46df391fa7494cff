"""Download an official release: streamed, and checked against its pinned SHA-512 before it is unpacked.

A release without a checksum is never downloaded.
"""

import hashlib
import tarfile
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path, PurePosixPath

import urllib3
from msgspec import Struct

from ks_reset.cluster import retry_patiently
from ks_reset.decoding import decode_yaml_as
from ks_reset.errors import ResetError, Retry

CHUNK = 1 << 20
TABLE = Path(__file__).parent / "releases.yaml"
TIMEOUT = urllib3.Timeout(connect=5.0, read=30.0)
REDIRECTS = urllib3.Retry(total=None, connect=False, read=False, other=False, status=0, redirect=5)
"""Follow the redirects of release hosts; only `patiently` repeats requests."""
Say = Callable[[str], None]


class Archive(Struct, frozen=True, forbid_unknown_fields=True):
    """One archive of a release, and the files to unpack from it."""

    url: str
    members: tuple[str, ...]
    sha512: str = ""


@cache
def release_table() -> dict[str, dict[str, tuple[Archive, ...]]]:
    """The pinned releases, by version and platform."""
    return decode_yaml_as(TABLE.read_bytes(), dict[str, dict[str, tuple[Archive, ...]]])


def download_archives(archives: tuple[Archive, ...], folder: Path, say: Say, patience: float = 10.0) -> None:
    """Put the members of these archives into `folder`, executable.

    Raises ResetError for a missing or wrong checksum, an incomplete transfer, an answer other than 200, a missing
    member, or a member's path outside the archive; temporary failures are repeated for `patience` seconds.
    """
    for archive in archives:
        if not archive.sha512:
            raise ResetError(f"{archive.url} has no pinned checksum, so it was not downloaded.")
        packed = folder / "archive.part"
        try:
            retry_patiently(partial(_fetch_archive, archive, packed, say), patience)
            _extract_members(archive, packed, folder)
        finally:
            packed.unlink(missing_ok=True)


def _fetch_archive(archive: Archive, packed: Path, say: Say) -> None:
    digest, got, reported = hashlib.sha512(), 0, 0
    try:
        with urllib3.PoolManager() as pool, packed.open("wb") as out:
            answer = pool.request("GET", archive.url, preload_content=False, timeout=TIMEOUT, retries=REDIRECTS)
            if answer.status != 200:
                raise _status_error(archive, answer.status)
            total = int(answer.headers.get("Content-Length", 0))
            for chunk in answer.stream(CHUNK, decode_content=False):  # the checksum is of the bytes as sent
                out.write(chunk)
                digest.update(chunk)
                got += len(chunk)
                if total and got * 10 // total > reported:
                    reported = got * 10 // total
                    say(f"downloading {archive.url}: {reported * 10} % of {total >> 20} MiB")
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise Retry(f"{archive.url} could not be downloaded: {error}") from error
    if total and got != total:
        raise Retry(f"{archive.url} was cut off: {got} of {total} bytes came.")
    if digest.hexdigest() != archive.sha512:
        raise ResetError(
            f"{archive.url} is not what was published: expected SHA-512 {archive.sha512[:16]}…, "
            f"got {digest.hexdigest()[:16]}…. It was deleted."
        )


def _status_error(archive: Archive, status: int) -> ResetError:
    what = f"{archive.url} was answered with {status}"
    return Retry(what) if status in (429, 500, 502, 503, 504) else ResetError(f"{what}.")


def _extract_members(archive: Archive, packed: Path, folder: Path) -> None:
    wanted = set(archive.members)
    try:
        with tarfile.open(packed, "r:gz") as tar:
            for entry in tar:
                if entry.name.startswith("/") or ".." in PurePosixPath(entry.name).parts:
                    raise ResetError(f"{archive.url} was refused: its member {entry.name} leads out of it.")
                if entry.name in wanted and entry.isfile():
                    _write_member(tar, entry, folder / PurePosixPath(entry.name).name)
                    wanted.discard(entry.name)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ResetError(f"{archive.url} is not a readable archive: {error}.") from error
    if wanted:
        raise ResetError(f"{archive.url} does not hold {', '.join(sorted(wanted))}.")


def _write_member(tar: tarfile.TarFile, entry: tarfile.TarInfo, path: Path) -> None:
    source = tar.extractfile(entry)
    assert source is not None, "a regular file has content"
    with path.open("wb") as out:
        while chunk := source.read(CHUNK):
            out.write(chunk)
    path.chmod(0o755)
