"""The shapes of answers, and the reasons behind errors."""

import json
import socket
import ssl
import threading
from itertools import count
from typing import Any

import pytest
import urllib3

from ks_reset.cluster import Client, listing
from ks_reset.cluster.answers import (
    ListRules,
    group_resources,
    group_versions,
    is_allowed,
    list_items,
    printable_text,
    require_object,
)
from ks_reset.cluster.refusals import refusal
from ks_reset.cluster.transport import Transport
from ks_reset.errors import Denied, Forbidden, Retry, Unknown
from ks_reset.model import Kind
from tests.cluster.answering import ApiServer, answering, list_of, status

WIDGET = Kind("shop.example.com", "v1", "Widget", "widgets", True)
SECRET = Kind("", "v1", "Secret", "secrets", True)
STATUS = Kind("", "v1", "ComponentStatus", "componentstatuses", False)
SERVICE = "/apis/apiregistration.k8s.io/v1/apiservices/v1.shop.example.com"
DEFINITION = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.shop.example.com"
TWINS = [{"metadata": {"name": name, "uid": "u"}} for name in "ab"]


def listed(api: ApiServer, kind: Kind = WIDGET, *, metadata_only: bool = False) -> list[dict[str, Any]]:
    with answering(api) as server:
        transport = Transport(urllib3.PoolManager(), server.url, urllib3.HTTPHeaderDict, timeout=2, patience=0.2)
        return Client(transport, "test").list(kind, metadata_only=metadata_only)


def answer(api: ApiServer, path: str, body: dict[str, Any]) -> None:
    api.lies[path] = 200, json.dumps(body).encode()


def backed(api: ApiServer) -> None:
    """The group of widgets is served by a Service."""
    head = {"kind": "APIService", "apiVersion": "apiregistration.k8s.io/v1"}
    about = {"metadata": {"name": "v1.shop.example.com"}, "spec": {"service": {"name": "shop", "namespace": "shop"}}}
    answer(api, SERVICE, head | about)


@pytest.mark.parametrize(
    "items", [None, [{"metadata": {"name": "a"}}], TWINS], ids=["null", "without UID", "one UID twice"]
)
def test_objects_of_a_service_may_lack_a_uid_or_share_one_and_others_may_not(items: Any) -> None:
    api = ApiServer([WIDGET])
    answer(api, WIDGET.path(), list_of("Widget", "shop.example.com/v1") | {"items": items})
    with pytest.raises(Unknown, match="counts as unread"):
        listed(api)
    backed(api)
    assert listed(api) == (items or [])


def test_component_statuses_have_no_uid() -> None:
    api = ApiServer([STATUS])
    api.objects["ComponentStatus"] = [{"metadata": {"name": "etcd-0"}}]
    assert len(listed(api, STATUS)) == 1


def test_a_list_may_have_the_name_that_its_definition_gives() -> None:
    api = ApiServer([WIDGET])
    answer(api, WIDGET.path(), list_of("Widget", "shop.example.com/v1") | {"kind": "Widgetry"})
    with pytest.raises(Unknown, match="its kind is Widgetry"):
        listed(api)
    head = {"kind": "CustomResourceDefinition", "apiVersion": "apiextensions.k8s.io/v1"}
    about = {"metadata": {"name": "widgets.shop.example.com"}, "spec": {"names": {"listKind": "Widgetry"}}}
    answer(api, DEFINITION, head | about)
    assert listed(api) == []


def test_an_empty_list_of_metadata_has_null_for_its_items() -> None:
    api = ApiServer([SECRET])
    head = {"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": {"resourceVersion": "1"}}
    answer(api, SECRET.path(), head | {"items": None})
    assert listed(api, SECRET, metadata_only=True) == []


@pytest.mark.parametrize("versions", [[], None, {}, [{}], ["v1"]])
def test_a_group_without_versions_is_unknown(versions: Any) -> None:
    body = {"kind": "APIGroupList", "groups": [{"name": "apps", "versions": versions}]}
    with pytest.raises(Unknown, match="no name or no versions"):
        group_versions("GET x", body)


@pytest.mark.parametrize("verbs", [None, [], "list", [1], {"list": True}])
def test_a_type_that_does_not_say_whether_it_can_be_listed_is_unknown(verbs: Any) -> None:
    row = {"name": "widgets", "kind": "Widget", "namespaced": True, "verbs": verbs}
    body = {"kind": "APIResourceList", "groupVersion": "shop.example.com/v1", "resources": [row]}
    with pytest.raises(Unknown, match="verbs"):
        group_resources("GET x", body, "shop.example.com/v1")
    row |= {"name": "widgets/scale", "verbs": ["get"]}
    assert group_resources("GET x", body, "shop.example.com/v1") == [row]


def test_a_list_without_an_end_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "LIST_PAGES", 5)
    api, tokens = ApiServer([WIDGET]), count()

    def endless(*_: str) -> tuple[int, bytes]:
        return 200, json.dumps(list_of("Widget", "shop.example.com/v1", token=f"t{next(tokens)}")).encode()

    monkeypatch.setattr(api, "answer", endless)
    with pytest.raises(Unknown, match="more than 5 pages"):
        listed(api)


@pytest.mark.parametrize(
    "change",
    [{"kind": "Gadget"}, {"apiVersion": "v1"}, {"apiVersion": None}, {"metadata": {"name": "b"}}, {"metadata": []}],
)
def test_an_object_has_the_kind_the_group_and_the_name_asked_for(change: dict[str, Any]) -> None:
    body = {"kind": "Widget", "apiVersion": "shop.example.com/v2", "metadata": {"name": "a"}}
    assert require_object("GET x", body, WIDGET, "a") == body
    with pytest.raises(Unknown, match="GET x was not answered with the Widget a"):
        require_object("GET x", body | change, WIDGET, "a")


@pytest.mark.parametrize("state", [None, {}, {"allowed": "true"}, {"allowed": 1}, []])
def test_a_review_says_whether_the_request_is_allowed(state: Any) -> None:
    body = {"kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1", "status": state}
    with pytest.raises(Unknown, match="does not say"):
        is_allowed("POST x", body)


def test_a_message_shows_no_contents_and_no_escapes() -> None:
    body = {"kind": "\x1b[31mOops\n", "data": {"token": "sesame"}, "items": [{"spec": "sesame"}] * 9, "x": "y" * 999}
    with pytest.raises(Unknown) as told:
        list_items("GET x", body, SECRET, ListRules(("SecretList",)))
    text = str(told.value)
    assert "sesame" not in text
    assert text.isprintable()
    assert len(text) < 450
    assert printable_text("a\n\x1b[1mb" + "c" * 200) == "a [1mb" + "c" * 114 + "…"


QUOTA = 'pods "a" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1'
TERMINATING = "unable to create new content in namespace shop because it is being terminated"
POLICY = "namespaces \"a\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no"


@pytest.mark.parametrize(
    ("message", "error", "advice"),
    [
        ('pods is forbidden: User "eve" cannot create resource "pods" in API group ""', Forbidden, "this permission"),
        ('user "eve" (groups=[]) is attempting to grant RBAC permissions not currently held:', Forbidden, "permission"),
        (QUOTA, Denied, "raise the quota"),
        ('admission webhook "w.example.com" denied the request: no', Denied, "this webhook refuses"),
        (POLICY, Denied, "this policy refuses"),
        ('pods "a" is forbidden: violates PodSecurity "restricted:latest"', Denied, "an admission plugin"),
        (f'pods "a" is forbidden: {TERMINATING}', Retry, "after this namespace is gone"),
        ('namespaces "a" is forbidden: not yet ready to handle request', Retry, "in a moment"),
    ],
)
def test_403_has_several_reasons(message: str, error: type[Exception], advice: str) -> None:
    found = refusal("POST", "POST x", json.dumps(status("Forbidden", message=message)).encode())
    assert type(found) is error
    assert advice in str(found)


def test_a_terminating_namespace_is_known_by_its_cause_too() -> None:
    details = {"causes": [{"reason": "NamespaceTerminating", "field": "metadata.namespace"}]}
    assert isinstance(refusal("POST", "x", json.dumps(status("Forbidden", details=details)).encode()), Retry)


def test_403_without_a_status_is_not_told_as_a_permission() -> None:
    assert "no answer of an API server" in str(refusal("GET", "GET x", b"<html>"))


@pytest.mark.parametrize("greeting", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_a_handshake_that_is_cut_off_is_temporary_and_another_failure_is_not(greeting: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def close() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(greeting)

        threading.Thread(target=close, daemon=True).start()
        url = f"https://127.0.0.1:{server.getsockname()[1]}"
        transport = Transport(urllib3.PoolManager(), url, urllib3.HTTPHeaderDict, timeout=5, patience=0)
        with pytest.raises(Unknown, match="No TLS connection" if greeting else "cut off.*tried for"):
            transport.request("GET", "/version")


@pytest.mark.parametrize(
    ("inner", "error"),
    [
        (ssl.SSLEOFError(8, "EOF occurred"), Retry),
        (ssl.SSLZeroReturnError(6, "closed"), Retry),
        (ConnectionResetError(104, "Connection reset by peer"), Retry),
        (ssl.SSLCertVerificationError(1, "certificate verify failed"), Unknown),
        (ssl.SSLError(1, "wrong version number"), Unknown),
    ],
)
def test_a_certificate_that_does_not_verify_is_not_temporary(
    inner: Exception, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = urllib3.PoolManager()

    def fail(*_: Any, **__: Any) -> None:
        raise urllib3.exceptions.SSLError(inner)

    monkeypatch.setattr(pool, "request", fail)
    with pytest.raises(error):
        Transport(pool, "https://x", urllib3.HTTPHeaderDict).request("POST", "/version")
