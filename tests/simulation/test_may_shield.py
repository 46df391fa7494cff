"""A webhook counts as a shield of an object only if the API server calls it for the deletion of that object."""

from typing import Any

import pytest

from ks_reset.simulation import State
from ks_reset.simulation.api_server import may_shield
from tests.build import facts

ROWS = [
    {"kind": "Namespace", "metadata": {"name": "shop", "labels": {"team": "a"}}},
    {"kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "shop", "labels": {"kept": "yes"}}},
    {"kind": "ConfigMap", "metadata": {"name": "unread", "namespace": "elsewhere"}},
]
SERVICE = {"service": {"namespace": "kubesphere-system", "name": "ks"}}
OF_TEAM_A = {"namespaceSelector": {"matchLabels": {"team": "a"}}}
OF_TEAM_B = {"namespaceSelector": {"matchLabels": {"team": "b"}}}


def shields(name: str, cluster: str = "host", **changes: Any) -> bool:
    hook: dict[str, Any] = {
        "name": "h",
        "clientConfig": SERVICE,
        "rules": [{"operations": ["DELETE"], "apiGroups": [""], "resources": ["namespaces", "configmaps"]}],
        **changes,
    }
    webhook = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "w"},
        "webhooks": [hook],
    }
    rows = {"host": [], "eu": []} | {cluster: [webhook]}
    state = State.of(facts([*ROWS, *rows["host"]], {"eu": rows["eu"]}))
    return may_shield(state, next(o for o in state.objects.values() if o.id.name == name))


@pytest.mark.parametrize(
    ("changes", "shielded"),
    [
        ({}, ["shop", "settings", "unread"]),
        (OF_TEAM_A, ["shop", "settings", "unread"]),
        (OF_TEAM_B, ["unread"]),
        ({"objectSelector": {"matchLabels": {"kept": "yes"}}}, ["settings"]),
        ({"failurePolicy": "Ignore"}, []),
        ({"failurePolicy": "Fail"}, ["shop", "settings", "unread"]),
        ({"clientConfig": {"url": "https://example.com"}}, []),
        ({"rules": [{"operations": ["CREATE"], "apiGroups": [""], "resources": ["*"]}]}, []),
        ({"rules": [{"operations": ["DELETE"], "apiGroups": [""], "resources": ["namespaces"]}]}, ["shop"]),
        ({"rules": [{"operations": ["DELETE"], "apiGroups": ["apps"], "resources": ["*"]}]}, []),
    ],
    ids=str,
)
def test_a_webhook_shields_what_it_is_called_for(changes: dict[str, Any], shielded: list[str]) -> None:
    assert [name for name in ("shop", "settings", "unread") if shields(name, **changes)] == shielded


def test_a_webhook_of_another_cluster_shields_nothing() -> None:
    assert not shields("shop", "eu")
