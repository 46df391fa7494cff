"""Fifty records are dialled at once: a fake API server answers the first one only after all have asked."""

import json
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import urllib3

from ks_reset.cluster import Client
from ks_reset.cluster.transport import Transport
from ks_reset.facts.gather import with_dials
from ks_reset.model import ClusterFacts, Reach
from tests.build import Rows, cluster

RECORDS = 50
PATIENCE = 6.0
"""Seconds that the first dial waits for the last; a dial gives up after 8."""
NAMES = [f"member-{number}" for number in range(RECORDS)]


class FakeServer(ThreadingHTTPServer):
    """The host, and every member by the first part of the path; members answer after `RECORDS` requests."""

    request_queue_size = 2 * RECORDS

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), FakeHandler)
        self.all_here = threading.Barrier(RECORDS, timeout=PATIENCE)
        self.records: dict[str, Any] = {}
        self.url = f"http://127.0.0.1:{self.server_port}"


class FakeHandler(BaseHTTPRequestHandler):
    server: FakeServer

    def do_GET(self) -> None:
        status, content = self._answer()
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())

    def _answer(self) -> tuple[int, dict[str, Any]]:
        if "/secrets/" in self.path:
            found = {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": self.path.rpartition("/")[2]}}
            return 200, found | {"data": {"token": b64encode(b"sesame").decode()}}
        if "/kubefedclusters/" in self.path:
            return 200, self.server.records[self.path.rpartition("/")[2]]
        if self.path.endswith("/version"):
            return 200, {"gitVersion": "v1.24.17"}
        with suppress(threading.BrokenBarrierError):
            self.server.all_here.wait()
            about = {"name": "kube-system", "uid": f"uid-of-{self.path.split('/')[1]}"}
            return 200, {"kind": "Namespace", "apiVersion": "v1", "metadata": about}
        return 503, {}

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def fake() -> Iterator[FakeServer]:
    with FakeServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def host(fake: FakeServer, endpoints: dict[str, str]) -> ClusterFacts:
    """The facts of a host with an undialled record for each of these endpoints, by name; it answers for them."""
    rows: Rows = [
        {
            "apiVersion": "core.kubefed.io/v1beta1",
            "kind": "KubeFedCluster",
            "metadata": {"name": name, "namespace": "kube-federation-system"},
            "spec": {"apiEndpoint": endpoint, "secretRef": {"name": f"{name}-secret"}},
        }
        for name, endpoint in endpoints.items()
    ]
    fake.records = {row["metadata"]["name"]: row for row in rows}
    return cluster("host", rows)


def connection(fake: FakeServer) -> Client:
    return Client(Transport(urllib3.PoolManager(), fake.url, urllib3.HTTPHeaderDict), "host")


def test_none_of_fifty_members_answers_before_all_are_dialled_and_all_are_reached(fake: FakeServer) -> None:
    world = with_dials(connection(fake), host(fake, {name: f"{fake.url}/{name}" for name in NAMES}))
    assert {d.record: d.identity for d in world.dials} == {name: f"uid-of-{name}" for name in NAMES}
    assert {d.reach for d in world.dials} == {Reach.REACHED}
    assert {d.version for d in world.dials} == {"v1.24.17"}


def test_a_record_that_nobody_answers_does_not_keep_the_fifty_from_being_dialled_at_once(fake: FakeServer) -> None:
    endpoints = {"dead": "http://127.0.0.1:9"} | {name: f"{fake.url}/{name}" for name in NAMES}
    world = with_dials(connection(fake), host(fake, endpoints))
    reach = {d.record: d.reach for d in world.dials}
    assert [name for name, how in reach.items() if how is not Reach.REACHED] == ["dead"]
    assert reach["dead"] is Reach.UNREACHABLE
