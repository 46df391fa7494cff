"""Sources and registries, against a local fake of the OCI distribution API."""

import gzip
import hashlib
import io
import json
import tarfile
import threading
from base64 import b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ks_reset.external import ask_externals
from ks_reset.external.registry import Registries
from ks_reset.external.source import fetch_source
from ks_reset.model import Source

INSTALLER = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: ks-installer}
spec: {template: {spec: {containers: [{name: installer, image: "kubesphere/ks-installer:v3.3.1"}]}}}
"""


class Fake(BaseHTTPRequestHandler):
    """A registry with a public image and one for holders of a token, and a web page."""

    asked: list[str] = []

    def do_HEAD(self) -> None:
        type(self).asked.append(self.path)
        wanted = {"/v2/open/a/manifests/v1": 200, "/v2/open/a/manifests/sha256:1": 200, "/v2/shut/a/manifests/v1": 401}
        status = wanted.get(self.path, 404)
        if status == 401 and self.headers.get("Authorization") == "Bearer t0ken":
            status = 200
        self.send_response(status)
        if status == 401:
            realm = f"http://{self.headers['Host']}/token"
            self.send_header("WWW-Authenticate", f'Bearer realm="{realm}",service="fake",scope="x"')
        self.end_headers()

    def do_GET(self) -> None:
        login = b64encode(b"me:secret").decode()
        token = "t0ken" if self.headers.get("Authorization") == f"Basic {login}" else ""
        page = json.dumps({"token": token}) if self.path.startswith("/token?") else "<!DOCTYPE html><html>gone</html>"
        self.send_response(404 if self.path == "/none" else 200)
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def host() -> Iterator[str]:
    Fake.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Fake) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


def test_an_image_is_there_or_not_by_tag_or_digest(host: str) -> None:
    registries = Registries(frozenset([host]))
    assert registries.reason_missing(f"{host}/open/a:v1") == ""
    assert registries.reason_missing(f"{host}/open/a@sha256:1") == ""
    assert registries.reason_missing(f"{host}/open/a:v2") == f"it is not there ({host})"


def test_a_token_is_fetched_with_the_login_that_docker_keeps_and_used_again(
    host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert (
        Registries(frozenset([host])).reason_missing(f"{host}/shut/a:v1") == f"the registry wants credentials ({host})"
    )
    login = b64encode(b"me:secret").decode()
    (tmp_path / "config.json").write_text(json.dumps({"auths": {host: {"auth": login}}}))
    registries = Registries(frozenset([host]))
    Fake.asked = []
    assert [registries.reason_missing(f"{host}/shut/a:v1") for _ in range(2)] == ["", ""]
    assert len(Fake.asked) == 3


def test_a_registry_that_does_not_answer_is_asked_once(host: str) -> None:
    registries = Registries()
    said = [registries.reason_missing(f"127.0.0.1:9/{name}:v1") for name in ("a", "b")]
    assert said[0] == said[1]
    assert "the registry 127.0.0.1:9 does not answer" in said[0]
    assert "does not answer" in registries.reason_missing(f"{host}/open/a:v1"), "it is asked with TLS, and speaks none"


def chart(path: Path, version: str = "v4.1.3", name: str = "ks-core/Chart.yaml") -> Path:
    data, text = io.BytesIO(), f"name: ks-core\nversion: 1.1.4\nappVersion: {version}\n".encode()
    with tarfile.open(fileobj=data, mode="w") as tar:
        info = tarfile.TarInfo(name)
        info.size = len(text)
        tar.addfile(info, io.BytesIO(text))
    path.write_bytes(gzip.compress(data.getvalue()))
    return path


def test_the_kind_of_a_source_follows_from_its_content(host: str, tmp_path: Path) -> None:
    manifest = tmp_path / "installer.yaml"
    manifest.write_text(INSTALLER)
    found = fetch_source(str(manifest))
    assert (found.kind, found.version) == ("manifest", "v3.3.1")
    assert found.sha256 == hashlib.sha256(INSTALLER.encode()).hexdigest()
    whole = fetch_source(str(chart(tmp_path / "ks-core.tgz")))
    assert (whole.kind, whole.version) == ("chart", "v4.1.3")
    assert (
        fetch_source(str(chart(tmp_path / "x.tgz", name="x/Chart.yaml"))).kind
        == "an archive without ks-core/Chart.yaml"
    )
    (tmp_path / "broken.tgz").write_bytes(b"\x1f\x8b broken")
    assert fetch_source(str(tmp_path / "broken.tgz")).kind == "an archive without ks-core/Chart.yaml"
    (tmp_path / "text").write_text("a: [")
    assert fetch_source(str(tmp_path / "text")).kind == "neither a chart nor YAML"
    (tmp_path / "other.yaml").write_text("kind: Namespace\n---\n- a list\n")
    assert fetch_source(str(tmp_path / "other.yaml")).kind == "YAML without the Deployment ks-installer"
    assert fetch_source(f"http://{host}/page").kind == "a web page"
    assert fetch_source(f"http://{host}/none").error == "it was answered with 404"
    assert "No such file" in fetch_source(str(tmp_path / "none")).error


def test_the_source_and_every_image_are_asked_for(host: str, tmp_path: Path) -> None:
    said: list[str] = []
    found = ask_externals(
        Source(f"http://{host}/page"), lambda _: [f"{host}/open/a:v1", f"{host}/open/b:v1"], [host], said.append
    )
    assert found.source.kind == "a web page"
    assert [bool(why) for why in found.images.values()] == [False, True]
    assert len(said) == 3
