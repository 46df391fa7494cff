"""A small API server on loopback with truthful documents, and a lie at each path that a test names."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from ks_reset.catalogue.names import ACCESS_REVIEW_KIND as REVIEW
from ks_reset.model import Kind

NAMESPACE = Kind("", "v1", "Namespace", "namespaces", False)
SYSTEM = {"metadata": {"name": "kube-system", "uid": "uid-of-kube-system"}}
Answer = tuple[int, bytes]


class ApiServer:
    """The documents of a cluster with these types and objects; `lies` replaces an answer by path.

    `group_names` are listed groups without a backend. A list falls back to no objects.
    """

    def __init__(self, kinds: list[Kind], *, group_names: list[str] | None = None) -> None:
        self.kinds = [NAMESPACE, *kinds]
        self.objects: dict[str, list[dict[str, Any]]] = {"Namespace": [SYSTEM]}
        self.group_names = group_names or []
        self.lies: dict[str, Answer] = {}
        self.asked: list[str] = []

    def answer(self, method: str, target: str) -> Answer:
        path = urlsplit(target).path
        self.asked.append(f"{method} {path}")
        if path in self.lies:
            return self.lies[path]
        if path in self._documents():
            return 200, json.dumps(self._documents()[path]).encode()
        return (503 if path.removeprefix("/apis/") in self.group_names else 404), json.dumps(
            status("NotFound")
        ).encode()

    def _documents(self) -> dict[str, dict[str, Any]]:
        versions = {kind.api_version for kind in self.kinds if kind.group} | set(self.group_names)
        found: dict[str, dict[str, Any]] = {
            "/api": {"kind": "APIVersions", "versions": ["v1"]},
            "/apis": {"kind": "APIGroupList", "groups": [group(*name.split("/")) for name in sorted(versions)]},
            "/version": {"gitVersion": "v1.24.17"},
            REVIEW.path(): {"kind": REVIEW.kind, "apiVersion": REVIEW.api_version, "status": {"allowed": True}},
        }
        for kind in self.kinds:
            items = self.objects.get(kind.key, [])
            root = kind.path().rpartition("/")[0]
            found[root] = resources(kind.api_version, *(k for k in self.kinds if k.api_version == kind.api_version))
            found[kind.path()] = list_of(kind.kind, kind.api_version, *items)
            for item in items:
                about = item["metadata"]
                head = {"kind": kind.kind, "apiVersion": kind.api_version}
                found[kind.path(about.get("namespace", ""), about["name"])] = head | item
        return {path: body for path, body in found.items() if path.removeprefix("/apis/") not in self.group_names}


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, api: ApiServer) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.api = api
        self.url = f"http://127.0.0.1:{self.server_port}"

    def kubeconfig(self, path: Path) -> Path:
        """A kubeconfig whose only context, `host`, leads here."""
        config = {
            "current-context": "host",
            "contexts": [{"name": "host", "context": {"cluster": "host", "user": "host"}}],
            "clusters": [{"name": "host", "cluster": {"server": self.url}}],
            "users": [{"name": "host", "user": {"token": "sesame"}}],
        }
        path.write_text(yaml.safe_dump(config))
        return path


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        code, data = self.server.api.answer(self.command, self.path)
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_PATCH = do_DELETE = do_POST = do_PUT = do  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def answering(api: ApiServer) -> Iterator[Server]:
    """The API server while it answers on loopback."""
    with Server(api) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def group(name: str, version: str) -> dict[str, Any]:
    """A group of an APIGroupList, with one version."""
    return {"name": name, "versions": [{"version": version}], "preferredVersion": {"version": version}}


def resources(group_version: str, *kinds: Kind) -> dict[str, Any]:
    """The APIResourceList of these types."""
    rows = [{"name": k.plural, "kind": k.kind, "namespaced": k.namespaced, "verbs": ["get", "list"]} for k in kinds]
    return {"kind": "APIResourceList", "groupVersion": group_version, "resources": rows}


def list_of(kind: str, api_version: str, *items: dict[str, Any], token: str = "") -> dict[str, Any]:
    """A list of objects of one type."""
    return {"kind": f"{kind}List", "apiVersion": api_version, "metadata": {"continue": token}, "items": list(items)}


def status(reason: str, **more: Any) -> dict[str, Any]:
    """A Status for a failure."""
    return {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason} | more
