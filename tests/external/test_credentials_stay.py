"""Credentials for a registry or a source go to its own host alone, and names from elsewhere lead to no other file."""

import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ks_reset import local
from ks_reset.errors import Usage
from ks_reset.external.registry import Registries
from ks_reset.external.source import fetch_source
from ks_reset.journal import Journal
from ks_reset.model import Kind

PODS = Kind("", "v1", "Pod", "pods", True)


@pytest.mark.parametrize(
    ("host", "realm", "sent"),
    [
        ("docker.io", "https://auth.docker.io/token", True),
        ("docker.io", "https://auth.docker.io.evil.com/token", False),
        ("r.example.com", "https://r.example.com/token", True),
        ("r.example.com:5000", "https://auth.r.example.com/token", True),
        ("r.example.com", "http://r.example.com/token", False),
        ("plain.example.com", "http://plain.example.com/token", True),
        ("plain.example.com", "http://evil.com/token", False),
        ("r.example.com", "https://evil.com/token", False),
        ("a.azurecr.io", "https://b.azurecr.io/token", False),
        ("r.example.com", "https://r.example.com@evil.com/token", False),
        ("r.example.com", "//r.example.com/token", False),
    ],
)
def test_a_token_server_gets_credentials_only_if_it_is_the_registrys_own(host: str, realm: str, sent: bool) -> None:
    assert Registries(frozenset({"plain.example.com"}))._may_have_credentials(host, realm) is sent


class Source(ThreadingHTTPServer):
    daemon_threads = True
    to: str = ""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.seen: list[str] = []


class Answer(BaseHTTPRequestHandler):
    server: Source

    def do_GET(self) -> None:
        self.server.seen.append(self.headers.get("Authorization", ""))
        self.send_response(302 if self.server.to else 200)
        if self.server.to:
            self.send_header("Location", self.server.to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def sources() -> Iterator[tuple[Source, Source]]:
    with Source() as one, Source() as other:
        for each in (one, other):
            Thread(target=each.serve_forever, daemon=True).start()
        yield one, other
        for each in (one, other):
            each.shutdown()


def test_a_redirection_to_another_host_gets_no_credentials(sources: tuple[Source, Source]) -> None:
    one, other = sources
    one.to = f"http://127.0.0.1:{other.server_port}/chart.tgz"
    fetch_source(f"http://me:sesame@127.0.0.1:{one.server_port}/chart.tgz")
    assert one.seen[0].startswith("Basic ")
    assert other.seen == [""]


def test_redirections_without_end_are_given_up(sources: tuple[Source, Source]) -> None:
    one, _ = sources
    one.to = f"http://127.0.0.1:{one.server_port}/again"
    assert "redirects more than" in fetch_source(f"http://127.0.0.1:{one.server_port}/").error


@given(st.text())
def test_every_text_is_the_name_of_a_file_in_its_folder(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    name = local.file_name(text)
    assert Path("/folder", name).parent == Path("/folder")
    assert os.path.normpath(f"/folder/{name}") == f"/folder/{name}"
    assert len(name) <= 255
    assert not name.startswith(".")


@pytest.mark.parametrize("name", ["../../x", "a/b", "a?b=c", "a%2fb", "..", "a#b", "a b"])
def test_a_name_in_a_path_of_the_api_leads_nowhere_else(name: str) -> None:
    path = PODS.path(name, name)
    assert path.count("/") == PODS.path("n", "m").count("/")
    assert not {"?", "#", " "} & set(path)
    assert "/../" not in f"{path}/"
    assert PODS.path("shop", "system:a") == "/api/v1/namespaces/shop/pods/system:a"


def test_a_journal_that_is_a_link_is_not_followed_and_the_state_is_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    state.mkdir(mode=0o755)
    monkeypatch.setenv("KS_RESET_STATE", str(state))
    folder, target = state / "runs" / "uninstall-1", tmp_path / "elsewhere"
    with Journal(folder, ("../../x",)):
        assert [path.name for path in (state / "runs").glob("*.lock")] == ["%2E.%2F..%2Fx.lock"]
    assert [path.stat().st_mode & 0o777 for path in (state, state / "runs", folder)] == [0o700] * 3
    (folder / "journal.jsonl").unlink()
    (folder / "journal.jsonl").symlink_to(target)
    with pytest.raises(Usage, match="cannot be written"), Journal(folder):
        pass
    assert not target.exists()
