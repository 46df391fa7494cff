"""The values to render ks-installer's templates with: its defaults, everything on, a member, external stores, others.

"others" changes every text and number of a configuration. An object rendered otherwise by it takes its content from
the operator's values, so no digest can tell it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

from tools.inventory.found import read_documents

OTHERS = "others"
CLUSTER_CONFIGURATION = "deploy/cluster-configuration.yaml"
WORDS = frozenset(
    {"host", "member", "none", "weave-scope", "calico", "external", "nodeport", "clusterip", "loadbalancer"}
)
KEPT = frozenset({"type", "clusterRole", "resourceName", "resourceType", "name", "endpoint"})
HOST = {
    "kube_version": "v1.24.17",
    "kubernetes_version": "v1.24.17",
    "ansible_default_ipv4": {"address": "192.0.2.1"},
    "groups": {"all": ["node"], "etcd": ["node"], "kube-master": ["node"]},
    "hostvars": {"node": {"ip": "192.0.2.1", "access_ip": "192.0.2.1"}},
    "cluster_name": "cluster.local",
}


class Settings(Struct, frozen=True):
    """A configuration by name."""

    name: str
    values: dict[str, Any]


def make_settings(checkout: Path) -> Iterator[Settings]:
    """Each configuration worth rendering, with the installer's defaults below it."""
    defaults = _role_defaults(checkout)
    spec = _default_spec(checkout)
    on = everything_on(spec)
    yield Settings("default", _merge(defaults, spec))
    yield Settings("on", _merge(defaults, on))
    yield Settings("replicated", _merge(defaults, _merge(on, REPLICATED)))
    yield Settings("member", _merge(defaults, _with_role(on, "member")))
    yield Settings("external", _merge(defaults, _merge(on, EXTERNAL)))
    yield Settings(OTHERS, _merge(defaults, changed_values(on) | OTHER))


REPLICATED = {
    "monitoring": {"alertmanager": {"replicas": 3}, "prometheus": {"replicas": 2}},
    "alerting": {"thanosruler": {"replicas": 2}},
}
OTHER = {"local_registry": "registry.example.com", "kube_version": "v1.0.1", "kubernetes_version": "v1.0.1"}
EXTERNAL = {
    "common": {
        "es": {"externalElasticsearchHost": "es.example.com", "externalElasticsearchPort": 9200},
        "redis": {"enableHA": False},
        "monitoring": {"type": "external"},
    },
    "events": {"ruler": {"enabled": False}},
}


def _role_defaults(checkout: Path) -> dict[str, Any]:
    variables: dict[str, Any] = dict(HOST)
    for path in sorted(checkout.glob("roles/**/defaults/main.y*ml")):
        variables = _merge(variables, yaml.safe_load(path.read_text()) or {})
    return variables | {"kubesphere_dir": "/kubesphere/kubesphere", "bin_dir": "/usr/local/bin"}


def _default_spec(checkout: Path) -> dict[str, Any]:
    """The configuration delivered with the installer: a ClusterConfiguration, or a ConfigMap in 3.0 and before."""
    for document in read_documents((checkout / CLUSTER_CONFIGURATION).read_text()):
        if document["kind"] == "ClusterConfiguration":
            return dict(document["spec"])
    return {}


def _merge(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        former = merged.get(key)
        merged[key] = _merge(former, value) if isinstance(former, dict) and isinstance(value, dict) else value
    return merged


def everything_on(value: Any, key: str = "") -> Any:
    """The values with every switch on."""
    if isinstance(value, dict):
        return {k: everything_on(v, k) for k, v in value.items()}
    if key in ("enabled", "enableHA", "monitoring", "networkpolicy") and value is False:
        return True
    return {"clusterRole": "host", "type": "weave-scope" if value == "none" else value}.get(key, value)


def _with_role(spec: dict[str, Any], role: str) -> dict[str, Any]:
    return _merge(spec, {"multicluster": {"clusterRole": role}})


def changed_values(value: Any, key: str = "") -> Any:
    """The values with every text and number changed, but for the words a template compares with."""
    if isinstance(value, dict):
        return {k: changed_values(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [changed_values(v, key) for v in value]
    if key in KEPT or isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value + 1
    return value if str(value).lower() in WORDS else f"{value}1" if str(value)[:1].isdigit() else f"other{value}"
