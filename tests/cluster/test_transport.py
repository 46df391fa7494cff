"""Requests and responses, against a scripted server on loopback."""

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import urllib3

from ks_reset import __version__
from ks_reset.cluster import Client
from ks_reset.cluster.transport import Transport
from ks_reset.errors import Conflict, Denied, Forbidden, Invalid, ResetError, Retry, Unknown
from ks_reset.model import Body, Kind
from tests.cluster.answering import ApiServer, answering, group, list_of, resources

ABSENT = {"kind": "Status", "reason": "NotFound", "code": 404}
WIDGET = Kind("shop.example.com", "v1", "Widget", "widgets", True)
POD = Kind("", "v1", "Pod", "pods", True)
Answer = tuple[int, dict[str, Any]]
Serve = Callable[..., tuple[Client, list[str]]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """`serve(answer, …)`: a cluster with these responses in turn, the last one repeated, and its requests."""
    servers: list[ThreadingHTTPServer] = []

    def make(*answers: Answer, patience: float = 2.0) -> tuple[Client, list[str]]:
        asked: list[str] = []
        left = list(answers)

        class Handler(BaseHTTPRequestHandler):
            def do(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                asked.append(f"{self.command} {self.path} {self.headers['Content-Type']} {body}")
                status, content = left.pop(0) if len(left) > 1 else left[0]
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(content).encode())

            do_GET = do_PATCH = do_DELETE = do_POST = do  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        transport = Transport(urllib3.PoolManager(), url, urllib3.HTTPHeaderDict, timeout=2, patience=patience)
        return Client(transport, "test"), asked

    yield make
    for server in servers:
        server.shutdown()
        server.server_close()


def page(*names: str, token: str = "") -> Answer:
    return 200, list_of("Pod", "v1", *({"metadata": {"name": n, "uid": f"uid-of-{n}"}} for n in names), token=token)


def test_a_list_is_read_in_pages(serve: Serve) -> None:
    cluster, asked = serve(page("a", token="t"), page("b"))
    assert [item["metadata"]["name"] for item in cluster.list(POD)] == ["a", "b"]
    assert "continue=t" in asked[1]


def test_a_list_whose_token_expired_starts_again_from_its_start(serve: Serve) -> None:
    cluster, asked = serve(page("a", token="t"), (410, {}), page("a", "b"))
    assert [item["metadata"]["name"] for item in cluster.list(POD)] == ["a", "b"]
    assert len(asked) == 3


def test_a_read_is_tried_again_after_a_temporary_error(serve: Serve) -> None:
    cluster, asked = serve((503, {}), (429, {}), page("a"))
    assert len(cluster.list(POD)) == 1
    assert len(asked) == 3


def test_a_read_that_never_succeeds_is_unknown_and_not_empty(serve: Serve) -> None:
    cluster, _ = serve((503, {"message": "overloaded"}), patience=0.3)
    with pytest.raises(Unknown, match="503: overloaded"):
        cluster.list(POD)


def test_a_type_that_is_not_served_is_unknown_and_not_empty(serve: Serve) -> None:
    for body in ({}, ABSENT):
        with pytest.raises(Unknown, match="pods is not served"):
            serve((404, body))[0].list(POD)


def test_an_object_that_is_not_there_is_absent_and_one_that_cannot_be_read_is_unknown(serve: Serve) -> None:
    assert serve((404, ABSENT))[0].get(POD, "a", "b") is None
    with pytest.raises(Forbidden):
        serve((403, {}))[0].get(POD, "a", "b")


@pytest.mark.parametrize(("status", "error"), [(409, Conflict), (503, Retry), (422, Conflict), (400, ResetError)])
def test_a_write_is_never_sent_twice(serve: Serve, status: int, error: type[Exception]) -> None:
    cluster, asked = serve((status, {}))
    with pytest.raises(error):
        cluster.json_patch(POD, "a", "b", [{"op": "test", "path": "/metadata/uid", "value": "u"}])
    assert len(asked) == 1
    assert "application/json-patch+json" in asked[0]


FAILED_TEST = {
    "kind": "Status",
    "reason": "Invalid",
    "message": "the server rejected our request due to an error in our request",
    "details": {},
}
"""The answer to a JSON Patch whose `test` fails."""
UNFIT = {
    "kind": "Status",
    "reason": "Invalid",
    "message": 'KafkaTopic.kafka.strimzi.io "t" is invalid: spec.partitions: Invalid value: 0',
    "details": {"kind": "KafkaTopic", "causes": [{"reason": "FieldValueInvalid", "field": "spec.partitions"}]},
}
BY_POLICY = {
    "kind": "Status",
    "reason": "Invalid",
    "message": "pods \"a\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no team",
    "details": {"causes": [{"message": "no team"}]},
}
BY_WEBHOOK = {"kind": "Status", "message": 'admission webhook "team.example.com" denied the request: no team'}


@pytest.mark.parametrize(
    ("answer", "error"), [(FAILED_TEST, Conflict), (UNFIT, Invalid), (BY_POLICY, Denied), (BY_WEBHOOK, Denied)]
)
def test_only_a_failed_test_of_a_patch_is_a_conflict(serve: Serve, answer: Body, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        serve((422, answer))[0].json_patch(POD, "a", "b", [{"op": "test", "path": "/metadata/uid", "value": "u"}])
    assert isinstance(caught.value, Retry) == (error is Conflict)


def test_a_deletion_is_bound_to_the_uid_and_absence_is_success(serve: Serve) -> None:
    cluster, asked = serve((404, ABSENT))
    cluster.delete(POD, "a", "b", uid="u")
    assert asked[0].startswith("DELETE /api/v1/namespaces/b/pods/a")
    assert '"preconditions":{"uid":"u"}' in asked[0]


def test_a_deletion_may_be_bound_to_a_version_and_returns_the_answer(serve: Serve) -> None:
    cluster, asked = serve((200, {"kind": "Status", "status": "Success"}))
    assert cluster.delete(POD, "a", "b", uid="u", version="7") == {"kind": "Status", "status": "Success"}
    assert '"preconditions":{"uid":"u","resourceVersion":"7"}' in asked[0]
    assert serve((404, ABSENT))[0].delete(POD, "a", "b") == {}


def test_a_404_from_something_else_than_an_api_server_is_not_absence(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ks_reset.cluster.discovery.GOING", 0.2)
    listed = {"kind": "APIGroupList", "groups": [group("shop.example.com", "v1")]}
    served = resources("shop.example.com/v1", WIDGET)
    for answers in (((404, {}),), ((404, {}), *[(200, listed), (200, served)] * 9)):
        with pytest.raises(Unknown, match="404"):
            serve(*answers)[0].get(WIDGET, "a", "b")
        with pytest.raises(Unknown, match="404"):
            serve(*answers)[0].delete(WIDGET, "a", "b")
    with pytest.raises(Unknown, match="404"):
        serve((404, {}), (200, listed))[0].get(POD, "a", "b")


def test_an_object_of_a_type_that_is_served_no_more_is_absent(serve: Serve) -> None:
    listed = {"kind": "APIGroupList", "groups": [group("shop.example.com", "v1")]}
    others = {"kind": "APIGroupList", "groups": [group("apps", "v1")]}
    for answers in (((200, others),), ((200, listed), (200, resources("shop.example.com/v1")))):
        assert serve((404, {}), *answers)[0].get(WIDGET, "a", "b") is None
        serve((404, {}), *answers)[0].delete(WIDGET, "a", "b")


def test_what_answers_without_being_an_api_server_is_unknown(serve: Serve) -> None:
    with pytest.raises(Unknown, match=r"the Namespace kube-system: it has no kind; the answer was .*hello"):
        assert serve((200, {"hello": "world"}))[0].identity
    found = {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "kube-system"}}
    with pytest.raises(Unknown, match="has no UID"):
        assert serve((200, found))[0].identity


def test_credentials_that_cannot_be_sent_are_not_quoted() -> None:
    def headers() -> urllib3.HTTPHeaderDict:
        return urllib3.HTTPHeaderDict({"Authorization": "Bearer sesame\n"})

    with pytest.raises(Unknown, match="cannot be sent") as refused:
        Transport(urllib3.PoolManager(), "http://127.0.0.1:9", headers).request("GET", "/version")
    assert "sesame" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_half_an_object_is_shown_without_its_contents() -> None:
    api = ApiServer([POD])
    api.lies["/version"] = 200, b'{"kind":"Secret","data":{"token":"sesame'
    with answering(api) as server, pytest.raises(Unknown, match=r"the answer was .*Secret") as told:
        Transport(urllib3.PoolManager(), server.url, urllib3.HTTPHeaderDict).request("GET", "/version")
    assert "sesame" not in str(told.value)


def test_a_refused_connection_is_unknown() -> None:
    transport = Transport(urllib3.PoolManager(), "http://127.0.0.1:9", urllib3.HTTPHeaderDict, patience=0.2)
    with pytest.raises(Unknown, match="got no answer"):
        Client(transport, "test").get(POD, "a", "b")


def test_a_dropped_connection_is_reported_without_python_terms() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"

        def cut() -> None:
            connection, _ = server.accept()
            connection.recv(1)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()

        threading.Thread(target=cut, daemon=True).start()
        with pytest.raises(Unknown, match=r"got no answer: \[Errno 104\] Connection reset by peer \(tried"):
            Transport(urllib3.PoolManager(), url, urllib3.HTTPHeaderDict, patience=0).request("GET", "/version")


def test_connecting_takes_no_longer_than_one_request_may() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"https://127.0.0.1:{server.getsockname()[1]}"
        transport = Transport(urllib3.PoolManager(), url, urllib3.HTTPHeaderDict, timeout=0.2, patience=0)
        with pytest.raises(Unknown, match=r"timeout=0.2"):
            transport.request("GET", "/version")


def test_a_group_that_does_not_answer_is_a_gap_and_the_rest_is_found(serve: Serve) -> None:
    api = ApiServer([POD], group_names=["metrics.k8s.io/v1beta1"])
    with answering(api) as server:
        transport = Transport(urllib3.PoolManager(), server.url, urllib3.HTTPHeaderDict, timeout=2, patience=0.2)
        found = Client(transport, "test").discover()
    assert found.kinds.keys() == {"Namespace", "Pod"}
    assert [gap.what for gap in found.gaps] == ["API group metrics.k8s.io/v1beta1"]


def test_the_id_of_a_run_is_in_the_user_agent_and_the_field_manager_of_writes(serve: Serve) -> None:
    client, asked = serve((200, {"metadata": {"name": "x"}, "apiVersion": WIDGET.api_version, "kind": "Widget"}))
    client.transport.run = "0123456789abcdef"
    client.merge_patch(WIDGET, "x", "shop", {})
    client.request("DELETE", WIDGET.path("shop", "x"))
    client.get(WIDGET, "x", "shop")
    queries = [line.split()[1].partition("?")[2] for line in asked]
    assert queries == ["fieldManager=ks-reset-run-0123456789abcdef", "", ""]
    client.transport.run = ""
    client.merge_patch(WIDGET, "x", "shop", {})
    assert "fieldManager" not in asked[-1]


def test_the_user_agent_of_a_run_begins_as_without_one() -> None:
    seen = list[str]()

    class Pool:
        proxy = None

        def request(self, *_: object, headers: urllib3.HTTPHeaderDict, **__: object) -> None:
            seen.append(headers["User-Agent"])
            raise urllib3.exceptions.HTTPError

    pool: Any = Pool()
    made = Transport(pool, "https://x", lambda: urllib3.HTTPHeaderDict({"User-Agent": "ks-reset"}), patience=0)
    for run in ("", "0123456789abcdef"):
        made.run = run
        with pytest.raises(ResetError):
            made.request("POST", "/x", {})
    assert seen == ["ks-reset", f"ks-reset/{__version__} (run 0123456789abcdef)"]
