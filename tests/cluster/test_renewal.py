"""Credentials that the API server no longer accepts: an exec plugin and a tokenFile are asked again, once."""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from ks_reset.cluster import renewal
from ks_reset.cluster.client import Client
from ks_reset.cluster.connect import connect_client
from ks_reset.cluster.target import Target
from ks_reset.errors import Forbidden
from tests.cluster.test_ways_of_kubeconfigs import PLUGIN, kubeconfig, program

Asked = list[tuple[str, str, str]]
"""Method, body and token of each request."""


@pytest.fixture
def server() -> Iterator[tuple[str, set[str], Asked]]:
    """Its address, the tokens it accepts, and what it was asked."""
    accepted: set[str] = {"t1"}
    asked: Asked = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            asked.append((self.command, body, token))
            is_accepted = token in accepted
            content = json.dumps(
                {"kind": "Namespace"} if is_accepted else {"kind": "Status", "message": "Unauthorized"}
            )
            self.send_response(200 if is_accepted else 401)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content.encode())

        do_GET = do_POST = answer  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}", accepted, asked
        running.shutdown()


def client_of(folder: Path, url: str, user: dict[str, Any]) -> Client:
    written = kubeconfig(user)
    written["clusters"][0]["cluster"] = {"server": url}
    file = folder / "config"
    file.write_text(yaml.safe_dump(written))
    return connect_client(Target(kubeconfig=str(file), context="mill"))


def login(folder: Path) -> dict[str, Any]:
    """A plugin that gives t1, then t2, and so on, without a time of expiry; `calls` has a line a call."""
    credential = '{"kind":"ExecCredential","apiVersion":"%s","status":{"token":"t%d"}}'
    calls = folder / "calls"
    count = f"echo >> {calls}; printf '{credential % (PLUGIN['apiVersion'], 0)}' | sed s/t0/t$(wc -l < {calls})/"
    return {"exec": {**PLUGIN, "command": program(folder, count)}}


def test_a_plugin_is_asked_again_and_the_write_is_sent_once_more(
    tmp_path: Path, server: tuple[str, set[str], Asked]
) -> None:
    url, accepted, asked = server
    client = client_of(tmp_path, url, login(tmp_path))
    assert client.request("GET", "/version")["kind"] == "Namespace"
    accepted.clear()
    accepted.add("t2")
    client.request("POST", "/api/v1/namespaces", {"name": "a"})
    assert asked[1:] == [("POST", '{"name":"a"}', "t1"), ("POST", '{"name":"a"}', "t2")]
    assert client.request("GET", "/version")["kind"] == "Namespace"
    assert (tmp_path / "calls").read_text() == "\n\n", "one call at the start and one for the renewal"


def test_many_threads_ask_the_plugin_once(tmp_path: Path, server: tuple[str, set[str], Asked]) -> None:
    url, accepted, _ = server
    client = client_of(tmp_path, url, login(tmp_path))
    accepted.clear()
    accepted.add("t2")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.request("GET", "/version")["kind"], range(24)))
    assert answers == ["Namespace"] * 24
    assert (tmp_path / "calls").read_text() == "\n\n"


def test_the_same_token_again_is_refused_and_the_plugin_is_not_asked_for_each_request(
    tmp_path: Path, server: tuple[str, set[str], Asked]
) -> None:
    url, accepted, asked = server
    accepted.clear()
    calls = tmp_path / "calls"
    fixed = json.dumps({"kind": "ExecCredential", "apiVersion": PLUGIN["apiVersion"], "status": {"token": "t9"}})
    user = {"exec": {**PLUGIN, "command": program(tmp_path, f"echo >> {calls}; echo '{fixed}'")}}
    client = client_of(tmp_path, url, user)
    for _ in range(3):
        with pytest.raises(Forbidden, match=r"401: Unauthorized.*log in again"):
            client.request("GET", "/version")
    assert len(asked) == 3
    assert calls.read_text() == "\n\n"


def test_a_plugin_that_mints_useless_tokens_is_not_asked_for_each_request(
    tmp_path: Path, server: tuple[str, set[str], Asked]
) -> None:
    url, accepted, _ = server
    accepted.clear()
    client = client_of(tmp_path, url, login(tmp_path))
    for _ in range(5):
        with pytest.raises(Forbidden, match="401"):
            client.request("GET", "/version")
    assert (tmp_path / "calls").read_text() == "\n\n"


def test_after_a_pause_the_plugin_is_asked_again(
    tmp_path: Path, server: tuple[str, set[str], Asked], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, accepted, _ = server
    accepted.clear()
    client = client_of(tmp_path, url, login(tmp_path))
    with pytest.raises(Forbidden):
        client.request("GET", "/version")
    accepted.add("t3")
    monkeypatch.setattr(renewal, "PAUSE", 0.0)
    client.transport._credentials._next = 0.0
    assert client.request("GET", "/version")["kind"] == "Namespace"


def test_a_context_that_leads_to_another_server_by_now_gives_no_token(
    tmp_path: Path, server: tuple[str, set[str], Asked]
) -> None:
    url, accepted, asked = server
    client = client_of(tmp_path, url, login(tmp_path))
    accepted.clear()
    file = tmp_path / "config"
    file.write_text(file.read_text().replace(url, "https://elsewhere.example.com"))
    with pytest.raises(Forbidden):
        client.request("GET", "/version")
    assert {token for _, _, token in asked} == {"t1"}


def test_a_plugin_that_waits_for_a_person_does_not_hold_the_run(
    tmp_path: Path, server: tuple[str, set[str], Asked], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, accepted, _ = server
    user = login(tmp_path)
    client = client_of(tmp_path, url, user)
    accepted.clear()
    Path(user["exec"]["command"]).write_text("#!/bin/sh\nexec sleep 5\n")
    monkeypatch.setattr(renewal, "LONGEST", 0.2)
    begun = time.monotonic()
    with pytest.raises(Forbidden, match="log in again"):
        client.request("GET", "/version")
    assert time.monotonic() - begun < 4


def test_a_plugin_that_fails_later_leaves_the_answer_of_the_api_server(
    tmp_path: Path, server: tuple[str, set[str], Asked]
) -> None:
    url, accepted, _ = server
    user = login(tmp_path)
    client = client_of(tmp_path, url, user)
    accepted.clear()
    Path(user["exec"]["command"]).write_text("#!/bin/sh\necho the session has expired >&2\nexit 1\n")
    with pytest.raises(Forbidden, match=r"401: Unauthorized.*log in again"):
        client.request("GET", "/version")


def test_a_token_file_is_read_again(tmp_path: Path, server: tuple[str, set[str], Asked]) -> None:
    url, accepted, _ = server
    token = tmp_path / "token"
    token.write_text("t1")
    client = client_of(tmp_path, url, {"tokenFile": str(token)})
    accepted.clear()
    accepted.add("t7")
    token.write_text("t7")
    assert client.request("GET", "/version")["kind"] == "Namespace"
