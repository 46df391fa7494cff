"""The role for reading, against an API server on loopback: it allows each request of a reading, and nothing more."""

import base64
from pathlib import Path

import pytest
import yaml

from ks_reset import facts as reading
from ks_reset.cluster import Target, connect_client
from ks_reset.facts import Clients
from ks_reset.facts.permissions import DISCOVERY, read_permissions
from ks_reset.model import Kind
from ks_reset.report.roles import role_objects
from tests.cluster.answering import ApiServer, Server, answering
from tests.rbac import Rbac, attributes_of

KINDS = [
    Kind("", "v1", "Secret", "secrets", True),
    Kind("", "v1", "ConfigMap", "configmaps", True),
    Kind("", "v1", "Event", "events", True),
    Kind("apps", "v1", "Deployment", "deployments", True),
    Kind("apiregistration.k8s.io", "v1", "APIService", "apiservices", False),
    Kind("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", False),
    Kind("backed.example.com", "v1", "Row", "rows", True),
    Kind("odd.example.com", "v1", "Thing", "things", True),
    Kind("core.kubefed.io", "v1beta1", "KubeFedCluster", "kubefedclusters", True),
    Kind("cluster.kubesphere.io", "v1alpha1", "Cluster", "clusters", False),
]
TOKEN = base64.b64encode(b"sesame").decode()


def served() -> ApiServer:
    """Records of both forms, a backend whose objects have no UID, and a type whose lists have a name of their own."""
    api = ApiServer(KINDS)
    federation = {"namespace": "kube-federation-system", "uid": "u"}
    record = {"apiEndpoint": "http://127.0.0.1:9", "secretRef": {"name": "host-abc"}}
    connection = {"kubeconfig": base64.b64encode(b"{}").decode()}
    api.objects |= {
        "Secret": [{"metadata": {"name": "host-abc", **federation, "uid": "s"}, "data": {"token": TOKEN}}],
        "ConfigMap": [{"metadata": {"name": "kubesphere-config", "namespace": "kubesphere-system", "uid": "c"}}],
        "APIService.apiregistration.k8s.io": [
            {"metadata": {"name": "v1.backed.example.com", "uid": "a"}, "spec": {"service": {"name": "x"}}},
            {"metadata": {"name": "v1.odd.example.com", "uid": "b"}, "spec": {}},
        ],
        "CustomResourceDefinition.apiextensions.k8s.io": [
            {
                "metadata": {"name": "things.odd.example.com", "uid": "d"},
                "spec": {"group": "odd.example.com", "names": {"kind": "Thing", "listKind": "Things"}},
            }
        ],
        "Row.backed.example.com": [{"metadata": {"name": "r", "namespace": "x"}}],
        "KubeFedCluster.core.kubefed.io": [{"metadata": {"name": "host", **federation}, "spec": record}],
        "Cluster.cluster.kubesphere.io": [
            {"metadata": {"name": "host", "uid": "e"}, "spec": {"connection": connection}}
        ],
    }
    things = '{"kind": "Things", "apiVersion": "odd.example.com/v1", "metadata": {}, "items": []}'
    api.lies["/apis/odd.example.com/v1/things"] = (200, things.encode())
    return api


def clients_of(server: Server, folder: Path) -> Clients:
    return Clients(connect_client(Target(str(server.kubeconfig(folder / "kubeconfig")), "host")), {})


def test_the_role_for_reading_allows_every_request_of_a_reading_and_none_of_its_grants_can_be_left_out(
    tmp_path: Path,
) -> None:
    with answering(served()) as server:
        found = reading.read_fleet(clients_of(server, tmp_path))
        asked = {attributes_of(*line.split(" ", 1)) for line in server.api.asked}
    assert not found.host.gaps
    role = Rbac(role_objects("x", read_permissions(found.host, host=True), urls=DISCOVERY))
    assert [each for each in asked if not role.allows(each)] == []
    spare = [grant for grant, rest in role.single_grants() if all(rest.allows(each) for each in asked)]
    assert spare == []


def test_a_member_is_read_without_the_secrets_of_records(tmp_path: Path) -> None:
    with answering(served()) as server:
        found = reading.read_fleet(clients_of(server, tmp_path))
    words = {f"{each.verb} {each.kind.plural} {each.name}" for each in read_permissions(found.host, host=False)}
    assert "list secrets " in words
    assert not any(word.startswith(("get secrets", "get clusters", "get kubefedclusters")) for word in words)


@pytest.mark.parametrize("word", ["watch", "create", "update", "patch", "delete", "*"])
def test_the_role_for_reading_has_no_other_verb(word: str, tmp_path: Path) -> None:
    with answering(served()) as server:
        found = reading.read_fleet(clients_of(server, tmp_path))
    text = yaml.safe_dump_all(role_objects("x", read_permissions(found.host, host=True), urls=DISCOVERY))
    assert f"- {word}\n" not in text
