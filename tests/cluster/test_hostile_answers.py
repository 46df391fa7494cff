"""Answers of no sound API server: each is an error in words with a documented exit code, and none takes long."""

import gzip
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
import urllib3

from ks_reset.apply.watch.run_lock import RunLock
from ks_reset.catalogue.names import ACCESS_REVIEW_KIND, LEASE_KIND
from ks_reset.cluster import Client
from ks_reset.cluster.answer_reader import read_answer
from ks_reset.cluster.transport import Transport, _clock_skew, _retry_seconds
from ks_reset.errors import Exit, Refused, ResetError, Retry, Unknown
from ks_reset.facts.gather import read_cluster
from ks_reset.model import Kind
from tests.cluster.answering import ApiServer, Server, answering, list_of

DEPLOYMENT = Kind("apps", "v1", "Deployment", "deployments", True)
BODY = {"metadata": {"name": "a", "namespace": "shop"}}


def client_of(server: Server) -> Client:
    transport = Transport(urllib3.PoolManager(), server.url, urllib3.HTTPHeaderDict, timeout=5, patience=0.3)
    return Client(transport, "host")


@pytest.mark.parametrize(
    ("code", "error"),
    [(302, Unknown), (400, Refused), (405, Refused), (410, Unknown), (422, Refused), (501, Unknown), (404, Retry)],
)
def test_each_status_of_a_write_has_an_exit_code(code: int, error: type[ResetError]) -> None:
    api = ApiServer([DEPLOYMENT])
    api.lies = {DEPLOYMENT.path("shop"): (code, b"<html>no</html>")}
    with answering(api) as server, pytest.raises(error) as caught:
        client_of(server).create(DEPLOYMENT, BODY)
    assert caught.value.exit not in (Exit.OK, Exit.ERROR)


def test_an_access_review_is_asked_again_after_one_503() -> None:
    api, asked = ApiServer([DEPLOYMENT]), list[str]()
    truth = api.answer

    def once_busy(method: str, target: str) -> tuple[int, bytes]:
        if target == ACCESS_REVIEW_KIND.path() and not asked:
            asked.append(target)
            return 503, b"busy"
        return truth(method, target)

    api.answer = once_busy  # type: ignore[method-assign]
    with answering(api) as server:
        assert client_of(server).is_allowed("get", DEPLOYMENT)


@pytest.mark.parametrize("header", ["²", "-1", "1e9", "x", ""])
def test_an_odd_retry_after_is_none(header: str) -> None:
    assert _retry_seconds(header) == 0.0


@pytest.mark.parametrize(
    "date", ["Mon, 01 Jan 99999 00:00:00 GMT", "²", "Thu, 32 Jan 2026", "Mon, 01 Jan 0001 00:00:00 +9999"]
)
def test_an_odd_date_is_no_skew(date: str) -> None:
    assert isinstance(_clock_skew(date), float)


WRONG: dict[str, Callable[[dict[str, Any]], None]] = {
    "labels": lambda body: body["metadata"].update(labels=[]),
    "a label": lambda body: body["metadata"].update(labels={"a": 5}),
    "finalizers": lambda body: body["metadata"].update(finalizers="x"),
    "owners": lambda body: body["metadata"].update(ownerReferences=[{"kind": "Pod"}]),
    "spec": lambda body: body.update(spec="text"),
    "replicas": lambda body: body.update(spec={"replicas": "two"}),
    "containers": lambda body: body.update(spec={"template": {"spec": {"containers": {"a": 1}}}}),
    "image": lambda body: body.update(spec={"template": {"spec": {"containers": [{"image": {}}]}}}),
    "conditions": lambda body: body.update(status={"conditions": 5}),
    "depth": lambda body: body.update(other=json.loads('{"a":' * 600 + "1" + "}" * 600)),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_an_object_of_another_shape_leaves_its_list_unread(wrong: str) -> None:
    api = ApiServer([DEPLOYMENT])
    body: dict[str, Any] = {"metadata": {"name": "a", "namespace": "shop", "uid": "u"}}
    WRONG[wrong](body)
    api.lies = {DEPLOYMENT.path(): (200, json.dumps(list_of("Deployment", "apps/v1", body)).encode())}
    with answering(api) as server:
        (gap,) = read_cluster(client_of(server), "host").gaps
    assert (gap.what, "another shape" in gap.why) == ("list of deployments.apps", True)


def lock_of(server: Server) -> RunLock:
    return RunLock(client_of(server), "me")


def api_with_lease(**fields: Any) -> ApiServer:
    api = ApiServer([LEASE_KIND])
    api.objects[LEASE_KIND.key] = [{"metadata": {"name": "ks-reset", "namespace": "kube-system", "uid": "u"}, **fields}]
    return api


@pytest.mark.parametrize("fields", [{}, {"spec": "x"}, {"spec": {"leaseDurationSeconds": "x"}}], ids=str)
def test_a_lease_without_a_duration_is_stale_after_the_usual_one(
    fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ks_reset.apply.watch.run_lock.SECONDS", 0)
    with answering(api_with_lease(**fields)) as server:
        lock_of(server).take_lock()


def test_a_lease_of_a_day_is_told_and_not_waited_for() -> None:
    api = api_with_lease(spec={"holderIdentity": "x", "leaseDurationSeconds": 86400})
    with answering(api) as server, pytest.raises(Refused, match="kubectl --context host -n kube-system delete lease"):
        lock_of(server).take_lock()


class Drip:
    """An answer that never ends."""

    headers: dict[str, str] = {}

    def read1(self, _: int, *, decode_content: bool) -> bytes:
        time.sleep(0.02)
        return b"x"

    def close(self) -> None:
        self.closed = True


class Packed(Drip):
    headers = {"Content-Encoding": "gzip"}

    def __init__(self) -> None:
        self.parts = [gzip.compress(b"0" * 100_000), b""]

    def read1(self, _: int, *, decode_content: bool) -> bytes:
        return self.parts.pop(0)

    def release_conn(self) -> None:
        pass


def test_an_answer_that_drips_or_unpacks_without_end_is_given_up() -> None:
    with pytest.raises(Retry, match="not answered completely within"):
        read_answer(Drip(), "GET x", 0.1)  # type: ignore[arg-type]
    with pytest.raises(Unknown, match="more than"):
        read_answer(Drip(), "GET x", 5, most=3)  # type: ignore[arg-type]
    with pytest.raises(Unknown, match="more than"):
        read_answer(Packed(), "GET x", 5, most=1000)  # type: ignore[arg-type]
