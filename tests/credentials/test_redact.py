"""Credentials are redacted from everything that is read."""

import json

from hypothesis import given
from hypothesis import strategies as st

from ks_reset.credentials.redact import digest_of, redact_object

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
    assert SECRET not in json.dumps(redact_object(body))
    assert json.dumps(redact_object(body)).count(digest_of(SECRET)) == 8


def test_a_credential_that_is_a_number_becomes_a_digest_and_a_switch_does_not() -> None:
    found = redact_object({"metadata": {}, "spec": {"adminPassword": 12345678, "token": True, "port": 30880}})
    assert found["spec"] == {"adminPassword": digest_of("12345678"), "token": True, "port": 30880}


def test_credentials_in_users_objects_become_digests_too() -> None:
    envs = [{"name": n, "value": SECRET} for n in ("AWS_SECRET_ACCESS_KEY", "PGPASS", "DB_PASSWORD_1", "GH_TOKEN")]
    patches = [{"path": "/data/key", "value": SECRET}, {"path": "/stringData", "value": {"key": SECRET}}]
    meta = {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": SECRET}}
    spec = {
        "credential": {"username": "u", "password": SECRET, "secretAccessKey": SECRET, "accessKeyID": SECRET},
        "overrides": [{"clusterName": "test", "clusterOverrides": patches}],
        "template": {"metadata": meta, "spec": {"containers": [{"env": envs}]}},
        "url": f"https://user:{SECRET}@charts.example.com/x",
        "args": ["serve", f"--password={SECRET}", "--api-token", SECRET, "--port=80", f"amqp://u:{SECRET}@mq"],
        "tokens": {"token": [SECRET, SECRET]},
    }
    hidden = redact_object({"kind": "HelmRepo", "metadata": {"name": "a"}, "spec": spec})
    assert SECRET not in json.dumps(hidden)
    assert hidden["spec"]["args"][:2] == ["serve", f"--password={digest_of(SECRET)}"]
    assert hidden["spec"]["args"][4] == "--port=80"
    assert hidden["spec"]["url"].endswith("@charts.example.com/x")


def test_other_fields_stay_readable() -> None:
    spec = {"secretRef": {"name": "host-secret"}, "replicas": 2, "image": "nginx", "secretName": "tls", "path": "/data"}
    more = {"args": ["--token-ttl=1h", "--secret-name", "tls"], "env": [{"name": "PATH", "value": "/bin"}]}
    patch = {"path": "/spec/replicas", "value": 3}
    meta = {"name": "a", "annotations": {"note": "kept"}, "labels": {"shop.example.com/token": "gold"}}
    body = {"metadata": meta, "spec": spec | more | {"patches": [patch]}}
    assert redact_object(body) == body


@given(st.text())
def test_a_digest_stays_what_it_is(value: str) -> None:
    assert digest_of(digest_of(value)) == digest_of(value)
