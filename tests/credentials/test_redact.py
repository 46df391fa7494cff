"""What is read keeps the fields that rules read; everything else becomes a keyed digest."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ks_reset.credentials.digests import DigestKey, current_key, digest_of, has_digest, noting_originals
from ks_reset.credentials.fields import load_fields, tree_of
from ks_reset.credentials.redact import redact_object

SECRET = "correct-horse-battery"
APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def test_a_text_outside_the_known_fields_becomes_a_digest_wherever_it_stands() -> None:
    spec = {"connection": {"kubeconfig": SECRET, "token": [SECRET]}, "anything": {"deep": [{"x": SECRET}]}}
    body = {"kind": "Cluster", "apiVersion": "cluster.kubesphere.io/v1alpha1", "metadata": {"name": "a"}, "spec": spec}
    hidden = redact_object(body)
    assert SECRET not in json.dumps(hidden)
    assert json.dumps(hidden).count(digest_of(SECRET)) == 3
    assert hidden["spec"]["connection"].keys() == spec["connection"].keys()


def test_the_fields_that_rules_read_stay() -> None:
    container = {
        "name": "web",
        "image": "nginx:1",
        "env": [{"name": "URL", "valueFrom": {"secretKeyRef": {"name": "s"}}}],
    }
    spec = {"replicas": 2, "selector": {"matchLabels": {"a": "b"}}, "template": {"spec": {"containers": [container]}}}
    meta = {"name": "a", "labels": {"l": "v"}, "annotations": {"kubesphere.io/creator": "li-wei"}}
    body = {"kind": "Deployment", "apiVersion": "apps/v1", "metadata": meta, "spec": spec}
    assert redact_object(body) == body


def test_a_number_becomes_a_digest_of_its_own_and_a_switch_stays() -> None:
    spec = redact_object({"metadata": {}, "spec": {"pin": 12345678, "text": "12345678", "on": True, "none": None}})[
        "spec"
    ]
    assert spec == {"pin": digest_of(12345678), "text": digest_of("12345678"), "on": True, "none": None}
    assert spec["pin"] != spec["text"]


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (["serve", "-pHunter2"], []),
        (["--password=Hunter2"], ["--password="]),
        (["--password", "Hunter2"], ["--password"]),
        (["mysql", "-p", "Hunter2"], ["-p"]),
        (["amqp://u:Hunter2@mq"], []),
    ],
)
def test_of_a_command_line_flags_alone_stay(words: list[str], kept: list[str]) -> None:
    containers = [{"name": "c", "args": words}]
    body = {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "p"}, "spec": {"containers": containers}}
    hidden = redact_object(body)["spec"]["containers"][0]["args"]
    assert "Hunter2" not in json.dumps(hidden)
    assert [word.partition("hmac")[0] for word in hidden if not word.startswith("hmac")] == kept


def test_userinfo_of_an_address_becomes_a_digest() -> None:
    spec = {"apiEndpoint": f"https://admin:{SECRET}@host:6443"}
    body = {"kind": "KubeFedCluster", "apiVersion": "core.kubefed.io/v1beta1", "metadata": {"name": "a"}, "spec": spec}
    assert redact_object(body)["spec"]["apiEndpoint"] == f"https://{digest_of(f'admin:{SECRET}')}@host:6443"


@pytest.mark.parametrize(
    "looks", ["sha256:0123456789abcdef", "hmac-sha256:0123456789abcdef01234567", "sha256:" + SECRET]
)
def test_a_value_that_looks_like_a_digest_is_hidden_too(looks: str) -> None:
    hidden = redact_object({"metadata": {}, "spec": {"value": looks}})["spec"]["value"]
    assert looks not in hidden
    assert has_digest(hidden)


def test_a_mapping_in_place_of_a_kept_text_is_hidden() -> None:
    body = {"kind": "Service", "apiVersion": "v1", "metadata": {"name": {"x": SECRET}}, "spec": {"type": [SECRET]}}
    assert SECRET not in json.dumps(redact_object(body))


@given(st.text())
def test_a_digest_stays_what_it_is(value: str) -> None:
    assert digest_of(digest_of(value)) == digest_of(value)


@given(st.text(), st.text())
def test_equal_values_alone_have_equal_digests(one: str, other: str) -> None:
    assert (digest_of(one) == digest_of(other)) == (one == other)


def test_another_key_makes_other_digests_and_takes_none_of_ours_for_its_own() -> None:
    other = DigestKey(b"another key")
    assert other.id != current_key().id
    assert other.digest_of("a") != digest_of("a")
    assert other.digest_of(digest_of("a")) != digest_of("a")


def test_originals_are_noted_but_not_those_named_as_credentials() -> None:
    seen: dict[str, Any] = {}
    spec = {"size": 5, "path": "/data", "password": SECRET, "env": [{"name": "DB_PASSWORD", "value": SECRET}]}
    body = {"metadata": {"annotations": {APPLIED: SECRET}}, "spec": spec, "data": {"k": SECRET}}
    with noting_originals(seen):
        redact_object(body)
    assert set(seen.values()) == {5, "/data"}


def test_every_path_of_the_fields_leads_to_a_known_shape() -> None:
    fields = load_fields()
    for entry in fields.types:
        for key in entry.types:
            assert tree_of(key).keys() >= {"metadata", "kind", "apiVersion"}
    with pytest.raises(KeyError):
        fields.shapes["No such shape"]
