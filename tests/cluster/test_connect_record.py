"""A client for the cluster behind a record, with the record's own address and token."""

import base64
from typing import Any

import pytest

from ks_reset.cluster import connect_record
from ks_reset.errors import Unknown
from ks_reset.model import Body, Kind, Obj
from tests.cluster.answering import ApiServer, answering

RECORD = Kind("core.kubefed.io", "v1beta1", "KubeFedCluster", "kubefedclusters", True)
WORKSPACE = Kind("tenant.kubesphere.io", "v1alpha1", "Workspace", "workspaces", False)


class Host:
    """A host with the record of an address and its Secret."""

    def __init__(self, url: str) -> None:
        self.record = record(url)

    def get(self, kind: Kind, *_: object) -> Body:
        return self.record.body if kind == RECORD else {"data": {"token": base64.b64encode(b"sesame").decode()}}


def record(url: str) -> Obj:
    spec = {"apiEndpoint": url, "secretRef": {"name": "s"}}
    return Obj(RECORD, {"metadata": {"name": "eu", "namespace": "fed"}, "spec": spec})


def test_it_lists_the_objects_of_that_cluster() -> None:
    api = ApiServer([WORKSPACE])
    api.objects[WORKSPACE.key] = [{"metadata": {"name": "ws1", "uid": "one"}}]
    with answering(api) as server:
        anything: Any = Host(server.url)
        client = connect_record(anything, record(server.url))
        assert (client.context, client.known) == ("record eu", "uid-of-kube-system")
        assert [body["metadata"]["name"] for body in client.list(WORKSPACE)] == ["ws1"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "", "https://127.0.0.1:1"])
def test_without_an_answer_it_is_unknown_and_the_token_is_not_told(url: str) -> None:
    anything: Any = Host(url)
    with pytest.raises(Unknown, match="The cluster behind the record eu cannot be asked: ") as raised:
        connect_record(anything, record(url), 1)
    assert "sesame" not in str(raised.value)


def test_a_server_that_is_no_api_server_is_unknown() -> None:
    api = ApiServer([])
    api.lies["/api/v1/namespaces/kube-system"] = (403, b'{"kind": "Status", "apiVersion": "v1"}')
    with answering(api) as server:
        host: Any = Host(server.url)
        with pytest.raises(Unknown, match="record eu cannot be asked"):
            connect_record(host, record(server.url), 1)
