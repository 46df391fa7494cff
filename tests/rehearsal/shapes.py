"""The shapes of kubeconfigs in the field, for one control plane: each with what comes of it.

kubectl takes them as written here (kubernetes v1.24.17, staging/src/k8s.io/client-go/tools/clientcmd and
plugin/pkg/client/auth/exec).
"""

import base64
import json
import select
import socket
import ssl
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

from tests.rehearsal.certified import with_certificate

Config = dict[str, Any]
EXEC = "client.authentication.k8s.io"


class Shape(Struct):
    """A kubeconfig as text, and a part of the error in lower case; "" where the cluster is reached."""

    text: str
    error: str = ""


class Parts(Struct):
    """What kubeconfigs of one plane are made of. `near` is the folder of the kubeconfigs."""

    server: str
    ca: str
    token: str
    cert: str
    key: str
    near: Path

    @classmethod
    def of(cls, plane: Path, near: Path) -> "Parts":
        """The parts of the plane in this folder, with its CA, token, certificate and login programs as files too."""
        plain = json.loads((plane / "kubeconfig").read_text())
        user = json.loads(with_certificate(plane).read_text())["users"][0]["user"]
        cluster, token = plain["clusters"][0]["cluster"], plain["users"][0]["user"]["token"]
        cert, key = user["client-certificate-data"], user["client-key-data"]
        pki = near / "pki"
        pki.mkdir()
        files = {"ca.crt": cluster["certificate-authority-data"], "admin.crt": cert, "admin.key": key}
        for name, data in files.items():
            (pki / name).write_bytes(base64.b64decode(data))
        (pki / "token").write_text(f"{token}\n")
        made = cls(cluster["server"], cluster["certificate-authority-data"], token, cert, key, near)
        made._write_program("by-token", "v1beta1", {"token": token})
        pem = {name: base64.b64decode(data).decode() for name, data in (("Certificate", cert), ("Key", key))}
        made._write_program("by-certificate", "v1", {f"client{name}Data": text for name, text in pem.items()})
        return made

    def _write_program(self, name: str, version: str, status: Config) -> None:
        credential = {"kind": "ExecCredential", "apiVersion": f"{EXEC}/{version}", "status": status}
        (self.near / f"{name}.json").write_text(json.dumps(credential))
        (self.near / name).write_text(f"#!/bin/sh\ncat {self.near / name}.json\n")
        (self.near / name).chmod(0o700)

    def config(self, user: Config, cluster: Config | None = None, **more: Any) -> Config:
        """A kubeconfig with this user, and the cluster changed so; None takes a field of it out."""
        given = {"server": self.server, "certificate-authority-data": self.ca, **(cluster or {})}
        context = {"name": "mill", "context": {"cluster": "mill", "user": "miller"}}
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "mill",
            "clusters": [{"name": "mill", "cluster": {k: v for k, v in given.items() if v is not None}}],
            "contexts": [context],
            "users": [{"name": "miller", "user": user}],
            **more,
        }


def shapes_of(parts: Parts, proxy: str, prefixed: str) -> dict[str, Shape]:
    """By name. `proxy` is the address of an http proxy, `prefixed` of a manager in front of the API server."""
    token, config = {"token": parts.token}, parts.config
    beta, stable = {"apiVersion": f"{EXEC}/v1beta1"}, {"apiVersion": f"{EXEC}/v1", "interactiveMode": "Never"}
    by_token = beta | {"command": str(parts.near / "by-token")}
    no_ca = {"certificate-authority-data": None}
    unused = [{"name": "old", "context": {"cluster": "gone", "user": "gone"}}]
    extras = {"disable-compression": True, "extensions": [{"name": "about", "extension": {"provider": "kind"}}]}
    reached: dict[str, Config] = {
        "token": config(token),
        "slash at the end": config(token, {"server": f"{parts.server}/"}),
        "program with arguments": config(
            {"exec": by_token | {"args": ["login"], "env": [{"name": "PROFILE", "value": "p"}]}}
        ),
        "program with nulls": config({"exec": by_token | {"args": None, "env": None, "provideClusterInfo": False}}),
        "program in the folder of the file": config({"exec": stable | {"command": "./by-certificate"}}),
        "certificate": config({"client-certificate-data": parts.cert, "client-key-data": parts.key}),
        "files of certificates": config(
            {"client-certificate": "pki/admin.crt", "client-key": "pki/admin.key"},
            no_ca | {"certificate-authority": "pki/ca.crt"},
        ),
        "file of a token": config({"tokenFile": "pki/token"}),
        "not verified": config(token, no_ca | {"insecure-skip-tls-verify": True}),
        "name of the server": config(token, {"tls-server-name": "localhost"}),
        "proxy": config(token, {"proxy-url": proxy}),
        "behind a manager": config(token, no_ca | {"server": prefixed}),
        "fields of others": config(token, extras),
        "another context is broken": config(token) | {"contexts": [*config(token)["contexts"], *unused]},
    }
    refused: dict[str, tuple[Config, str]] = {
        "program is not there": (
            config({"exec": beta | {"command": "no-such-login", "installHint": "Install the package login."}}),
            "install the package login.",
        ),
        "program fails": (config({"exec": beta | {"command": "false"}}), "the program false gave none"),
        "another name of the server": (config(token, {"tls-server-name": "mill.example.com"}), "certificate"),
        "closed proxy": (config(token, {"proxy-url": "http://127.0.0.1:9"}), "proxy"),
        "users that are null": (config(token, users=None), "no user of that name"),
        "no such user": (config(token, users=[]), "no user of that name"),
    }
    plain = yaml.safe_dump(reached["token"])
    return {
        **{name: Shape(json.dumps(body)) for name, body in reached.items()},
        **{name: Shape(yaml.safe_dump(body), error) for name, (body, error) in refused.items()},
        "YAML": Shape(plain),
        "lines of Windows": Shape(plain.replace("\n", "\r\n")),
        "byte order mark": Shape(f"\ufeff{plain}"),
    }


@contextmanager
def http_proxy() -> Iterator[str]:
    """The address of a proxy that opens tunnels with CONNECT."""

    class Handler(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            host, _, port = self.path.rpartition(":")
            with socket.create_connection((host, int(port))) as upstream:
                self.send_response(200)
                self.end_headers()
                _join(self.connection, upstream)

        def log_message(self, *_: object) -> None:
            return

    with _served(Handler) as address:
        yield address


def _join(one: socket.socket, other: socket.socket) -> None:
    """Pass on what each end sends, until one of them closes."""
    ends = {one: other, other: one}
    with suppress(OSError):
        while True:
            for end in select.select([one, other], [], [])[0]:
                data = end.recv(65536)
                if not data:
                    return
                ends[end].sendall(data)


@contextmanager
def manager_of_clusters(parts: Parts) -> Iterator[str]:
    """The address of one cluster behind a manager, which serves many below a path of each, as Rancher does."""
    prefix = "/k8s/clusters/c-m-4hd7"
    tls = ssl.create_default_context(cadata=base64.b64decode(parts.ca).decode())

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.path.startswith(f"{prefix}/")
            headers = {k: v for k, v in self.headers.items() if k in ("Authorization", "Accept")}
            request = urllib.request.Request(parts.server + self.path.removeprefix(prefix), headers=headers)
            with urllib.request.urlopen(request, context=tls) as answer:
                data = answer.read()
                self.send_response(200)
                self.send_header("Content-Type", answer.headers["Content-Type"])
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            return

    with _served(Handler) as address:
        yield f"{address}{prefix}"


@contextmanager
def _served(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
