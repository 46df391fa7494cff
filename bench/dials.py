"""The time for dialling fifty KubeFedClusters, relative to the slowest of them alone.

    python -m bench.dials [--records 50] [--kubernetes 1.24.17] [--seed 1]

One real control plane has a record for each member. A member is a port: it ends TLS, delays every connection by its
own 0.1 to 1.0 s, and forwards the request to the plane with its own UID of kube-system, so each record reaches another
cluster. One more record leads to a closed port. Prints a table in Markdown; exits 1 if the facts for all take more than
three times as long as the slowest dial.
"""

import argparse
import json
import multiprocessing
import random
import socket
import ssl
import sys
import tempfile
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TypeVar

import urllib3
from msgspec import Struct

from ks_reset.catalogue.names import KUBEFED_CLUSTER_KEY, KUBEFED_NAMESPACE
from ks_reset.cluster import dial_record, until
from ks_reset.facts import Clients, read_fleet
from ks_reset.model import Body, FleetFacts, Reach
from ks_reset.rehearsal.kubefed import install_kubefed
from ks_reset.rehearsal.objects import put_objects
from ks_reset.rehearsal.plane.plane import Plane
from ks_reset.rehearsal.plane.ports import reserve_ports
from ks_reset.rehearsal.programs import binaries

T = TypeVar("T")
LIMIT = 3.0
CLOSED = "nobody"


class Way(Struct, frozen=True):
    """One member: its name, its port, and the delay of each connection in seconds."""

    name: str
    port: int
    delay: float


class Member(ThreadingHTTPServer):
    """Ends TLS with the plane's own certificate and forwards requests with the caller's token."""

    request_queue_size = 64
    daemon_threads = True

    def __init__(self, way: Way, server: str, folder: Path) -> None:
        super().__init__(("127.0.0.1", way.port), Asked)
        self.way, self.server = way, server
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(folder / "server.crt", folder / "server.key")
        self.pool = urllib3.PoolManager(ca_certs=str(folder / "ca.crt"))

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        client, address = super().get_request()
        return self.tls.wrap_socket(client, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, *_: object) -> None:
        """Ignore clients closing the connection after the certificate."""


class Asked(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Member
    request: ssl.SSLSocket

    def setup(self) -> None:
        time.sleep(self.server.way.delay)
        self.request.do_handshake()
        super().setup()

    def do_GET(self) -> None:
        headers = {"Authorization": self.headers["Authorization"]}
        answer = self.server.pool.request("GET", self.server.server + self.path, headers=headers)
        body = answer.json()
        if self.path.endswith("/kube-system") and answer.status == 200:
            body["metadata"]["uid"] = f"uid-of-{self.server.way.name}"
        data = json.dumps(body).encode()
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


def _serve(ways: list[Way], server: str, folder: Path) -> None:
    for way in ways:
        threading.Thread(target=Member(way, server, folder).serve_forever, daemon=True).start()
    threading.Event().wait()


@contextmanager
def members(ways: list[Way], plane: Plane) -> Iterator[None]:
    """All members, in a process of their own, so they take no time from the measured one."""
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(ways, plane.server, plane.folder))
    process.start()
    try:
        assert until(lambda: all(_listens(way.port) for way in ways), 30), "members do not listen"
        yield
    finally:
        process.terminate()
        process.join()


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def _record(name: str, port: int, plane: Plane) -> list[Body]:
    """A KubeFedCluster and the Secret with its token."""
    token = json.loads(plane.kubeconfig.read_text())["users"][0]["user"]["token"]
    ca = b64encode((plane.folder / "ca.crt").read_bytes()).decode()
    meta, secret = {"name": name, "namespace": KUBEFED_NAMESPACE}, f"{name}-secret"
    spec = {"apiEndpoint": f"https://127.0.0.1:{port}", "caBundle": ca, "secretRef": {"name": secret}}
    data = {"token": b64encode(token.encode()).decode()}
    return [
        {"apiVersion": "v1", "kind": "Secret", "metadata": {**meta, "name": secret}, "data": data},
        {"apiVersion": "core.kubefed.io/v1beta1", "kind": "KubeFedCluster", "metadata": meta, "spec": spec},
    ]


def _timed(call: Callable[[], T]) -> tuple[float, T]:
    begun = time.perf_counter()
    found = call()
    return time.perf_counter() - begun, found


def _measure(plane: Plane, ways: list[Way], closed: int) -> float:
    """Print the table. Returns the time for all facts, in times of the slowest dial."""

    def facts() -> tuple[float, FleetFacts]:
        return _timed(lambda: read_fleet(Clients(plane.cluster, {})))

    facts()
    baseline, _ = facts()
    host = plane.cluster
    put_objects(
        host, [body for way in ways for body in _record(way.name, way.port, plane)] + _record(CLOSED, closed, plane)
    )
    everything, found = facts()
    reached = {d.record: d.identity for d in found.host.dials if d.reach is Reach.REACHED}
    assert reached == {way.name: f"uid-of-{way.name}" for way in ways}, "all answer but the one where nobody listens"
    alone = max(_timed(partial(dial_record, host, record))[0] for record in found.host.of(KUBEFED_CLUSTER_KEY))
    print("| what | seconds | of the slowest dial |\n| --- | --- | --- |")
    print(f"| the slowest dial, alone | {alone:.2f} | 1 |")
    print(f"| facts without a record | {baseline:.2f} | {baseline / alone:.2f} |")
    print(f"| facts with {len(found.host.dials)} records | {everything:.2f} | {everything / alone:.2f} |")
    return everything / alone


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=50)
    parser.add_argument("--kubernetes", default="1.24.17")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    drawn = random.Random(given.seed)  # noqa: S311
    programs, kubefed = binaries.control_plane(given.kubernetes, print), binaries.kubefed_programs(print)
    with (
        tempfile.TemporaryDirectory() as folder,
        Plane.start("host", programs, Path(folder)) as plane,
        reserve_ports(given.records + 1) as (closed, *ports),
    ):
        install_kubefed(plane.cluster, kubefed, ())
        ways = [Way(f"member-{i}", port, drawn.uniform(0.1, 1.0)) for i, port in enumerate(ports)]
        with members(ways, plane):
            return _measure(plane, ways, closed) > LIMIT


if __name__ == "__main__":
    sys.exit(main())
