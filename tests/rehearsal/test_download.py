"""An official release is taken only whole, only with the checksum we pinned, and only the members we named."""

import hashlib
import io
import tarfile
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ks_reset.errors import ResetError, Retry
from ks_reset.rehearsal.programs.download import Archive, download_archives, release_table

Answer = tuple[int, dict[str, str], bytes]
Fetch = Callable[..., list[str]]


class Site(ThreadingHTTPServer):
    """A web server on loopback: the n-th request gets the n-th answer, later ones the last."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[Answer] = []
        self.asked: list[str] = []

    def archive(self, packed: bytes, *members: str, sha512: str | None = None) -> Archive:
        right = hashlib.sha512(packed).hexdigest()
        url = f"http://127.0.0.1:{self.server_port}/release.tar.gz"
        return Archive(url=url, members=members, sha512=right if sha512 is None else sha512)


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        status, headers, body = self.server.answers[min(len(self.server.asked), len(self.server.answers)) - 1]
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def fetch(site: Site, tmp_path: Path) -> Fetch:
    """`fetch(archive, *answers)`: download it, and return the names in the folder afterwards, even after a failure."""

    def go(archive: Archive, *answers: Answer, patience: float = 0.0) -> list[str]:
        site.answers = list(answers)
        try:
            download_archives((archive,), tmp_path, _quiet, patience)
        finally:
            left = sorted(file.name for file in tmp_path.iterdir())
        return left

    return go


def test_a_right_checksum_gives_just_the_named_members_executable(fetch: Fetch, site: Site, tmp_path: Path) -> None:
    packed = tarball({"server/bin/kube-apiserver": b"real", "server/bin/kubelet": b"unasked"})
    assert fetch(site.archive(packed, "server/bin/kube-apiserver"), (200, {}, packed)) == ["kube-apiserver"]
    assert (tmp_path / "kube-apiserver").read_bytes() == b"real"
    assert (tmp_path / "kube-apiserver").stat().st_mode & 0o111


def test_a_redirect_is_followed_because_every_release_host_sends_one(fetch: Fetch, site: Site) -> None:
    packed = tarball({"etcd": b""})
    moved: Answer = (302, {"Location": "/mirror"}, b"")
    assert fetch(site.archive(packed, "etcd"), moved, (200, {}, packed)) == ["etcd"]
    assert site.asked == ["/release.tar.gz", "/mirror"]


def test_endless_redirects_end(fetch: Fetch, site: Site) -> None:
    with pytest.raises(Retry, match="too many redirects"):
        fetch(site.archive(b"", "etcd"), (302, {"Location": "/again"}, b""))


def test_the_checksum_is_of_the_bytes_as_sent_even_if_the_server_calls_them_encoded(fetch: Fetch, site: Site) -> None:
    packed = tarball({"etcd": b""})
    assert fetch(site.archive(packed, "etcd"), (200, {"Content-Encoding": "gzip"}, packed)) == ["etcd"]


def test_a_wrong_checksum_leaves_nothing_and_names_both(fetch: Fetch, site: Site, tmp_path: Path) -> None:
    packed, pinned = tarball({"etcd": b"evil"}), "0" * 128
    got = hashlib.sha512(packed).hexdigest()[:16]
    with pytest.raises(ResetError, match=f"expected SHA-512 {pinned[:16]}…, got {got}…"):
        fetch(site.archive(packed, "etcd", sha512=pinned), (200, {}, packed), patience=10)
    assert list(tmp_path.iterdir()) == []
    assert len(site.asked) == 1, "a wrong checksum is not a temporary failure"


def test_an_archive_without_a_checksum_is_never_asked_for(fetch: Fetch, site: Site) -> None:
    with pytest.raises(ResetError, match="no pinned checksum, so it was not downloaded"):
        fetch(site.archive(b"", "etcd", sha512=""), (200, {}, b""))
    assert site.asked == []


def test_a_cut_transfer_is_tried_again(fetch: Fetch, site: Site) -> None:
    packed = tarball({"etcd": b""})
    cut: Answer = (200, {"Content-Length": str(len(packed) + 1)}, packed)
    assert fetch(site.archive(packed, "etcd"), cut, (200, {}, packed), patience=10) == ["etcd"]
    assert len(site.asked) == 2


def test_a_transfer_that_is_always_cut_leaves_nothing(fetch: Fetch, site: Site, tmp_path: Path) -> None:
    packed = tarball({"etcd": b""})
    with pytest.raises(Retry, match="could not be downloaded"):
        fetch(site.archive(packed, "etcd"), (200, {"Content-Length": "99999"}, packed))
    assert list(tmp_path.iterdir()) == []


def test_not_found_is_final(fetch: Fetch, site: Site) -> None:
    with pytest.raises(ResetError, match="was answered with 404"):
        fetch(site.archive(b"", "etcd"), (404, {}, b""), patience=10)
    assert len(site.asked) == 1


def test_a_busy_server_is_asked_again(fetch: Fetch, site: Site) -> None:
    packed = tarball({"etcd": b""})
    assert fetch(site.archive(packed, "etcd"), (503, {}, b""), (200, {}, packed), patience=10) == ["etcd"]


def test_a_server_that_is_not_there_is_a_temporary_failure(site: Site, tmp_path: Path) -> None:
    archive = site.archive(b"", "etcd")
    site.shutdown()
    site.server_close()
    with pytest.raises(Retry, match="could not be downloaded"):
        download_archives((archive,), tmp_path, _quiet, patience=0)


def test_a_missing_member_is_named(fetch: Fetch, site: Site) -> None:
    packed = tarball({"kubectl": b""})
    with pytest.raises(ResetError, match="does not hold etcd"):
        fetch(site.archive(packed, "etcd"), (200, {}, packed))


@pytest.mark.parametrize("name", ["../outside", "bin/../../outside", "/tmp/outside"])
def test_an_archive_that_reaches_out_of_its_folder_is_refused(
    fetch: Fetch, site: Site, tmp_path: Path, name: str
) -> None:
    packed = tarball({name: b"evil", "etcd": b""})
    with pytest.raises(ResetError, match="leads out of it"):
        fetch(site.archive(packed, name, "etcd"), (200, {}, packed))
    assert list(tmp_path.iterdir()) == []


def test_a_link_is_not_taken_for_the_program(fetch: Fetch, site: Site) -> None:
    link = tarfile.TarInfo("etcd")
    link.type, link.linkname = tarfile.SYMTYPE, "/bin/sh"
    packed = tarball({}, link)
    with pytest.raises(ResetError, match="does not hold etcd"):
        fetch(site.archive(packed, "etcd"), (200, {}, packed))


def test_what_is_not_an_archive_is_called_so(fetch: Fetch, site: Site) -> None:
    with pytest.raises(ResetError, match="is not a readable archive"):
        fetch(site.archive(b"<html>", "etcd"), (200, {}, b"<html>"))


def test_progress_is_told_in_tenths(site: Site, tmp_path: Path) -> None:
    packed, said = tarball({"etcd": b"x"}), list[str]()
    site.answers = [(200, {}, packed)]
    download_archives((site.archive(packed, "etcd"),), tmp_path, said.append)
    assert said[-1].endswith(": 100 % of 0 MiB")
    assert len(said) <= 10


def test_every_release_in_the_table_is_pinned_whole_and_over_https() -> None:
    archives = [a for platforms in release_table().values() for release in platforms.values() for a in release]
    assert archives
    for archive in archives:
        assert archive.url.startswith("https://")
        assert len(bytes.fromhex(archive.sha512)) == hashlib.sha512().digest_size
        assert archive.members


def tarball(files: dict[str, bytes], *more: tarfile.TarInfo) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
        for entry in more:
            tar.addfile(entry)
    return out.getvalue()


def _quiet(_: str) -> None:
    """Say nothing."""
