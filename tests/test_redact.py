"""No credential gets past the reading."""

import json

from hypothesis import given
from hypothesis import strategies as st

from ks_reset.facts.redact import digest, redact

SECRET = "correct-horse-battery"


def test_credentials_become_digests_wherever_they_stand() -> None:
    body = {
        "kind": "Cluster",
        "metadata": {
            "name": "test",
            "managedFields": [{}],
            "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": SECRET,
                "kubesphere.io/private-key": SECRET,
            },
        },
        "spec": {
            "connection": {"kubeconfig": SECRET, "token": SECRET},
            "password": SECRET,
            "template": {"data": {"key": SECRET}},
            "containers": [{"env": [{"name": "DB_PASSWORD", "value": SECRET}]}],
        },
        "data": {"anything": SECRET},
    }
    assert SECRET not in json.dumps(redact(body))
    assert json.dumps(redact(body)).count(digest(SECRET)) == 8


def test_what_is_no_credential_stays_readable() -> None:
    body = {"metadata": {"name": "a"}, "spec": {"secretRef": {"name": "host-secret"}, "replicas": 2, "image": "nginx"}}
    assert redact(body) == body


@given(st.text())
def test_a_digest_stays_what_it_is(value: str) -> None:
    assert digest(digest(value)) == digest(value)
