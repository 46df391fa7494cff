"""No connection but to the clusters and to what the operator named: by the imports, and by the sockets of commands."""

import ast
import socket
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ks_reset import facts as reading
from ks_reset.catalogue.names import KUBEFED_CLUSTER_KEY, SECRET_KEY
from ks_reset.cli import app
from ks_reset.external.source import fetch_source
from tests.build import facts
from tests.cluster.answering import ApiServer, answering
from tests.conftest import NoNetwork
from tests.facts.test_permissions import KINDS, TOKEN
from tests.incident import incident_facts

PACKAGE = Path(reading.__file__).parents[1]
NETWORK = frozenset(
    [
        "aiohttp",
        "asyncio",
        "ftplib",
        "http",
        "httpx",
        "imaplib",
        "kubernetes",
        "multiprocessing",
        "poplib",
        "requests",
        "smtplib",
        "socket",
        "socketserver",
        "ssl",
        "telnetlib",
        "urllib",
        "urllib3",
        "websocket",
        "websockets",
        "xmlrpc",
    ]
)
HARMLESS = {"urllib.parse", "urllib3.HTTPHeaderDict", "urllib3.util"}
OPENS = {
    "cluster/access.py": "the TLS context of a record",
    "cluster/answer_reader.py": "reads the answers of transport.py",
    "cluster/certificates.py": "the certificate at the address of a record",
    "cluster/connect.py": "the clusters of the kubeconfig",
    "cluster/dial.py": "the address of a record",
    "cluster/incluster.py": "the API server of the pod's own cluster",
    "cluster/proxies.py": "the proxy of a record or a kubeconfig",
    "cluster/transport.py": "every request to an API server",
    "external/registry.py": "the registries of the images in the operator's values, and their token servers",
    "external/source.py": "the source in the operator's values",
    "local.py": "the name of this machine; no connection",
}


def network_imports(path: Path) -> set[str]:
    """The network modules that a file imports, at any depth of its code."""
    found = set[str]()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.partition(".")[0] in NETWORK and not name.startswith(tuple(HARMLESS))}


def test_no_module_but_the_named_ones_imports_what_opens_a_connection() -> None:
    files = {str(path.relative_to(PACKAGE)): path for path in PACKAGE.rglob("*.py")}
    found = {name for name, path in files.items() if network_imports(path) and not name.startswith("rehearsal/")}
    assert found == OPENS.keys()


@pytest.fixture
def contacted(monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, int]]:
    """Every address that a socket of this process connects to, and every name that is looked up, with its port."""
    seen = set[tuple[str, int]]()
    connect, lookup = socket.socket.connect, socket.getaddrinfo

    def noted_connect(sock: socket.socket, address: Any) -> None:
        seen.add(address[:2])
        connect(sock, address)

    def noted_lookup(host: Any, port: Any, *more: Any, **named: Any) -> Any:
        seen.add((str(host), int(port)))
        return lookup(host, port, *more, **named)

    monkeypatch.setattr(socket.socket, "connect", noted_connect)
    monkeypatch.setattr(socket, "getaddrinfo", noted_lookup)
    return seen


@pytest.mark.parametrize("words", [("doctor",), ("plan",), ("verify",), ("snapshot", "--out", "OUT"), ("permissions",)])
def test_a_command_connects_to_the_cluster_and_to_the_addresses_of_its_records_alone(
    words: tuple[str, ...], contacted: set[tuple[str, int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path))
    elsewhere = {"url": "http://elsewhere.example.com/x", "image": "registry.example.com/web:1"}
    with answering(ApiServer([])) as recorded, answering(ApiServer(KINDS)) as server:
        about = {"name": "member", "namespace": "kube-federation-system"}
        record = {"apiEndpoint": recorded.url, "secretRef": {"name": "m"}}
        server.api.objects |= {
            SECRET_KEY: [{"metadata": {**about, "name": "m", "uid": "s"}, "data": {"token": TOKEN}}],
            KUBEFED_CLUSTER_KEY: [{"metadata": {**about, "uid": "u"}, "spec": record}],
            "Deployment.apps": [{"metadata": {"name": "d", "namespace": "x", "uid": "d"}, "spec": elsewhere}],
        }
        given = [str(tmp_path / "out.json") if word == "OUT" else word for word in words]
        done = CliRunner().invoke(app, [*given, "--kubeconfig", str(server.kubeconfig(tmp_path / "k"))])
        assert "unexpected" not in done.output
        expected = {("127.0.0.1", server.server_port), ("127.0.0.1", recorded.server_port)}
        assert contacted == expected, done.output


@pytest.mark.parametrize(
    "words",
    [
        *(("doctor",), ("plan",), ("plan", "stale-record"), ("explain", "namespace/catalog"), ("memory",)),
        *(("permissions",), ("catalogue", "3.4.1"), ("runbook",)),
    ],
    ids=str,
)
def test_a_command_on_a_snapshot_or_without_a_cluster_opens_no_connection(
    words: tuple[str, ...], contacted: set[tuple[str, int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path))
    reading.save_snapshot(incident_facts("old-host"), tmp_path / "s.json.gz")
    offline = () if words[0] in ("catalogue", "runbook") else ("--snapshot", str(tmp_path / "s.json.gz"))
    CliRunner().invoke(app, [*words, *offline])
    assert contacted == set()


def test_a_source_that_is_a_file_opens_no_connection(contacted: set[tuple[str, int]], tmp_path: Path) -> None:
    (tmp_path / "installer.yaml").write_text("kind: Namespace")
    fetch_source(str(tmp_path / "installer.yaml"))
    assert contacted == set()


def test_the_tests_themselves_reach_nothing_but_this_machine() -> None:
    with pytest.raises(NoNetwork), socket.socket() as made:
        made.connect(("192.0.2.1", 443))
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("registry.example.com", 443)
    assert facts([]).host.identity
