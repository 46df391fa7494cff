"""Credentials that a kubeconfig names and does not give, and the proxies of records."""

import base64
import json
import logging
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from ks_reset.cluster.connect import connect_client
from ks_reset.cluster.dial import dial_kubeconfig
from ks_reset.cluster.target import Target
from ks_reset.errors import Unknown, Usage
from ks_reset.model import Reach

PLUGIN = {"apiVersion": "client.authentication.k8s.io/v1beta1", "interactiveMode": "Never"}
TOKEN = {"kind": "ExecCredential", "apiVersion": PLUGIN["apiVersion"], "status": {"token": "sesame"}}

EMPTY_TOKEN = f"echo '{json.dumps({**TOKEN, 'status': {'token': ''}})}'"


def kubeconfig(user: dict[str, Any], **cluster: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "mill",
        "contexts": [{"name": "mill", "context": {"cluster": "mill", "user": "miller"}}],
        "clusters": [{"name": "mill", "cluster": {"server": "https://127.0.0.1:9", **cluster}}],
        "users": [{"name": "miller", "user": user}],
    }


def connect(folder: Path, user: dict[str, Any]) -> None:
    file = folder / "config"
    file.write_text(yaml.safe_dump(kubeconfig(user)))
    connect_client(Target(kubeconfig=str(file), context="mill"))


def program(folder: Path, text: str) -> str:
    file = folder / "login"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return str(file)


@pytest.mark.parametrize(
    "text", ["echo the session has expired >&2; exit 1", "echo '{}'", "echo not JSON", EMPTY_TOKEN]
)
def test_a_program_that_gives_no_credentials_stops_before_any_request(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Unknown, match="gave none: ") as stopped:
        connect(tmp_path, {"exec": {**PLUGIN, "command": program(tmp_path, text)}})
    assert "kubectl --context mill get namespaces" in str(stopped.value)
    assert capsys.readouterr().err == ""
    assert not [handler for handler in logging.getLogger().handlers if type(handler).__name__ == "_Collector"]


def test_an_absent_program_is_named_with_its_hint(tmp_path: Path) -> None:
    hint = "Install it with the package login-plugin."
    with pytest.raises(Unknown, match=r"the program no-such-login gave none: .*no-such-login.* Install it with"):
        connect(tmp_path, {"exec": {**PLUGIN, "command": "no-such-login", "installHint": hint}})


def test_a_program_that_gives_a_token_is_enough_and_so_is_a_user_without_credentials(tmp_path: Path) -> None:
    connect(tmp_path, {"exec": {**PLUGIN, "command": program(tmp_path, f"echo '{json.dumps(TOKEN)}'")}})
    connect(tmp_path, {})


@pytest.fixture
def proxy() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The address of an http proxy that answers for kube-system itself, and what it was asked."""
    asked: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers.get("Proxy-Authorization", "")))
            named = {"name": "kube-system", "uid": "u1"}
            about = {"kind": "Namespace", "apiVersion": "v1", "metadata": named, "gitVersion": "v1.24.17"}
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(about).encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}", asked
        server.shutdown()


def dialled(**cluster: Any) -> Any:
    text = json.dumps(kubeconfig({"token": "sesame"}, **cluster))
    return dial_kubeconfig("mill", base64.b64encode(text.encode()).decode(), 2)


def test_a_record_is_dialled_through_its_proxy(proxy: tuple[str, list[tuple[str, str]]]) -> None:
    address, asked = proxy
    dial = dialled(server="http://mill.invalid:6443", **{"proxy-url": f"http://joe:pass@{address}"})
    assert (dial.reach, dial.identity) == (Reach.REACHED, "u1")
    login = base64.b64encode(b"joe:pass").decode()
    assert asked[0] == ("http://mill.invalid:6443/api/v1/namespaces/kube-system", f"Basic {login}")


def test_a_proxy_that_cannot_be_used_is_named_without_its_password() -> None:
    dial = dialled(**{"proxy-url": "socks5://joe:pass@127.0.0.1:9"})
    assert dial.reach is Reach.UNREACHABLE
    assert ("socks5://127.0.0.1:9" in dial.detail, "pass" in dial.detail) == (True, False)


def test_an_address_whose_certificate_is_not_to_be_verified_gives_no_warning() -> None:
    warn = "warnings.warn('unverified', urllib3.exceptions.InsecureRequestWarning)"
    code = f"import warnings, urllib3, ks_reset.cluster.transport; {warn}"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stderr == b""


@pytest.mark.parametrize("users", [[], None, [{"name": "other", "user": {"token": "sesame"}}]])
def test_a_context_whose_user_is_missing_sends_no_anonymous_request(tmp_path: Path, users: Any) -> None:
    file = tmp_path / "config"
    file.write_text(yaml.safe_dump(kubeconfig({}) | {"users": users}))
    with pytest.raises(Usage, match="names the user 'miller', and no user of that name is in"):
        connect_client(Target(kubeconfig=str(file), context="mill"))


@pytest.mark.parametrize("proxy", ["socks5://ann:sesame@127.0.0.1:9", "ftp://127.0.0.1:9"])
def test_a_proxy_of_the_kubeconfig_that_cannot_be_used_is_named_without_its_password(
    tmp_path: Path, proxy: str
) -> None:
    file = tmp_path / "config"
    file.write_text(yaml.safe_dump(kubeconfig({"token": "sesame"}, **{"proxy-url": proxy})))
    with pytest.raises(Usage, match=r"127\.0\.0\.1:9 of context 'mill'.* http and https proxies alone") as stopped:
        connect_client(Target(kubeconfig=str(file), context="mill"))
    assert "sesame" not in str(stopped.value)
