"""The fake API server answers as a real one: both hold the conversation of the same golden file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import urllib3

from ks_reset.rehearsal.plane.plane import Plane
from ks_reset.rehearsal.programs import binaries
from tests import golden_files
from tests.build import cluster
from tests.faults.conversation import Conversation, Send
from tests.faults.fake_api import Request, answer_request
from tests.faults.fake_store import FakeStore

GOLDEN = "fake_api_server.txt"
SERVED = [
    {"kind": "Namespace"},
    {"kind": "ConfigMap"},
    {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease"},
]


def to_fake(store: FakeStore) -> Send:
    def send(method: str, path: str, body: Any, content_type: str) -> tuple[int, bytes]:
        code, answer = answer_request(store, Request(method, path, body, content_type))
        return code, answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()

    return send


def to_plane(plane: Plane) -> Send:
    user = json.loads(plane.kubeconfig.read_text())["users"][0]["user"]
    pool = urllib3.PoolManager(
        ca_certs=str(plane.folder / "ca.crt"), headers={"Authorization": f"Bearer {user['token']}"}
    )

    def send(method: str, path: str, body: Any, content_type: str) -> tuple[int, bytes]:
        data = None if body is None else json.dumps(body).encode()
        headers = {**pool.headers, "Content-Type": content_type, "Accept": "application/json"}
        answer = pool.request(method, plane.server + path, body=data, headers=headers)
        return answer.status, answer.data

    return send


def test_the_fake_answers_as_in_the_golden_file() -> None:
    golden_files.same(GOLDEN, Conversation(to_fake(FakeStore(cluster("host", SERVED)))).whole())


@pytest.mark.rehearsal
@pytest.mark.parametrize("kubernetes", ["1.24.17", "1.34.4"])
def test_a_real_api_server_answers_as_the_fake_one(kubernetes: str, tmp_path: Path) -> None:
    told: Callable[[str], Any] = print
    with Plane.start("real", binaries.control_plane(kubernetes, told), tmp_path) as plane:
        text = Conversation(to_plane(plane)).whole()
    assert text == (golden_files.FOLDER / GOLDEN).read_text()
