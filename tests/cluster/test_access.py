"""Connections through records: their settings are used, and no message contains their credentials."""

import base64
import json
import ssl
from typing import Any

import pytest

from ks_reset.cluster.access import Access, NoAccess, recorded_access
from ks_reset.cluster.dial import dial_record, service_account_name
from ks_reset.credentials.redact import redact_object
from ks_reset.errors import Unknown
from ks_reset.model import Body, Kind, Obj, Reach

RECORD = Kind("core.kubefed.io", "v1beta1", "KubeFedCluster", "kubefedclusters", True)
CLUSTER = Kind("cluster.kubesphere.io", "v1alpha1", "Cluster", "clusters", False)
TOKEN = "a-token-that-nobody-may-see"
KUBECONFIG = {
    "current-context": "c",
    "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
    "clusters": [{"name": "k", "cluster": {"server": "https://127.0.0.1:1", "insecure-skip-tls-verify": True}}],
    "users": [{"name": "u", "user": {"token": TOKEN}}],
}


def coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


class FakeHost:
    """Answers the GET of a record's Secret or of a Cluster, and that of the KubeFedCluster itself."""

    def __init__(self, found: Body | None, record: Body | None = None) -> None:
        self.found, self.record = found, record

    def get(self, kind: Kind, *_: object) -> Body | None:
        if kind == RECORD:
            return self.record
        if self.found is None:
            raise Unknown("403")
        return self.found


def kubefed(found: Body | None, **spec: Any) -> Access:
    about = {"name": "eu", "namespace": "fed"}
    spec = {"apiEndpoint": "https://127.0.0.1:1", "secretRef": {"name": "s"}} | spec
    record = {"metadata": about, "spec": spec}
    host: Any = FakeHost(found, record)
    return recorded_access(host, Obj(RECORD, redact_object(record, RECORD.key)))


def kubesphere(config: Any) -> Access:
    text = config if isinstance(config, str) else json.dumps(config)
    host: Any = FakeHost({"spec": {"connection": {"kubeconfig": coded(text)}}})
    return recorded_access(host, Obj(CLUSTER, {"metadata": {"name": "eu"}}))


@pytest.mark.parametrize(
    ("off", "hostname", "mode", "period"),
    [
        ([], True, ssl.CERT_REQUIRED, True),
        (["SubjectName"], False, ssl.CERT_REQUIRED, True),
        (["ValidityPeriod"], True, ssl.CERT_REQUIRED, False),
        (["*"], False, ssl.CERT_NONE, True),
    ],
)
def test_a_kubefed_record_is_verified_as_it_says(off: list[str], hostname: bool, mode: int, period: bool) -> None:
    found = kubefed({"data": {"token": coded(TOKEN)}}, disabledTLSValidations=off)
    context = found.context()
    assert (context.check_hostname, context.verify_mode) == (hostname, mode)
    assert (context.verify_flags & 0x200000 == 0) is period
    assert (found.token, TOKEN in repr(found)) == (TOKEN, False)


def test_of_a_clusters_kubeconfig_the_data_is_taken() -> None:
    found = kubesphere(KUBECONFIG)
    assert (found.endpoint, found.token, found.verify) == ("https://127.0.0.1:1", TOKEN, False)


@pytest.mark.parametrize(
    ("config", "reach"),
    [
        (KUBECONFIG | {"users": [{"name": "u", "user": {"exec": {"command": "rm"}}}]}, Reach.NOT_DIALLED),
        (KUBECONFIG | {"users": [{"name": "u", "user": {"client-key": "/etc/shadow"}}]}, Reach.NOT_DIALLED),
        (KUBECONFIG | {"current-context": "another"}, Reach.NO_SECRET),
        ("", Reach.NO_SECRET),
        (f"][ {TOKEN}", Reach.NO_SECRET),
        (TOKEN, Reach.NO_SECRET),
    ],
)
def test_an_unusable_kubeconfig_is_neither_executed_nor_quoted(config: Any, reach: Reach) -> None:
    with pytest.raises(NoAccess) as refused:
        kubesphere(config)
    assert (refused.value.reach, TOKEN in str(refused.value)) == (reach, False)


@pytest.mark.parametrize(
    ("found", "reach"),
    [
        (None, Reach.NOT_DIALLED),
        ({"data": {}}, Reach.NO_SECRET),
        ({"data": {"token": "not base64"}}, Reach.NO_SECRET),
        ({"data": {"token": coded(f"{TOKEN}\nX-Header: y")}}, Reach.NO_SECRET),
    ],
)
def test_an_unreadable_or_unusable_secret_is_reported(found: Body | None, reach: Reach) -> None:
    with pytest.raises(NoAccess) as refused:
        kubefed(found)
    assert (refused.value.reach, TOKEN in str(refused.value)) == (reach, False)


def test_a_dial_that_fails_says_why_without_the_credentials() -> None:
    spec = {"apiEndpoint": "https://127.0.0.1:1", "secretRef": {"name": "s"}}
    record = {"metadata": {"name": "eu", "namespace": "fed"}, "spec": spec}
    host: Any = FakeHost({"data": {"token": coded(TOKEN)}}, record)
    said = dial_record(host, Obj(RECORD, record), 1)
    assert (said.reach, TOKEN in repr(said)) == (Reach.UNREACHABLE, False)


def test_the_account_of_a_token_is_read_from_it() -> None:
    def token(subject: object) -> str:
        payload = base64.urlsafe_b64encode(json.dumps({"sub": subject}).encode()).decode().rstrip("=")
        return f"e30.{payload}.c2ln"

    assert service_account_name(token("system:serviceaccount:kube-federation-system:eu-kubesphere")) == "eu-kubesphere"
    for odd in (token("admin"), token(7), token("system:serviceaccount:x"), "opaque", "a.b.c", ""):
        assert service_account_name(odd) == ""
