"""The meaningful content of an object, and its digest: equal for a manifest and for the object made from it.

A cluster adds defaults, addresses, certificates and statuses; the installer fills in registries, tags, sizes and
replica counts; an operator tunes resources and placement. None of them is content. What is content, by type:

| type | content |
| --- | --- |
| roles | rules, aggregation, and KubeSphere's annotations on them |
| bindings | role and subjects |
| workloads | selector, account; of each container its name, image (no registry, no tag), command, flags, ports |
| Service | selector and ports; no type, no address, no node port |
| ConfigMap | each value |
| webhook configurations | names, Services, rules; no CA |
| CustomResourceDefinition | group, names, scope, versions; no schema |
| APIService | group, version, Service |
| ServiceAccount, Namespace, Secret, PersistentVolumeClaim | nothing: their name is all they have |
| others | everything outside metadata and status, cleaned as above |
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from ks_reset.catalogue.inventory import workloads
from ks_reset.catalogue.inventory.clean import clean_value, hash_text, without_images
from ks_reset.model import Body

EMPTY_KINDS = frozenset({"ServiceAccount", "Namespace", "Secret", "PersistentVolumeClaim", "User", "Node"})
"""Kinds without content to prove anything by; a User of KubeSphere has only credentials and the state of a person."""
ROLE_ANNOTATIONS = ("iam.kubesphere.io/",)


def content_digest(kind: str, body: Body) -> str:
    """The first 12 hex digits of SHA-256 over the content; "" for an object without content."""
    content = content_of(kind, body)
    if not content:
        return ""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def bare_digest(kind: str, body: Body) -> str:
    """The digest of the content without images; "" for an object without any."""
    bare = without_images({k: v for k, v in body.items() if k != "metadata"}) | {"metadata": body.get("metadata") or {}}
    digest = content_digest(kind, bare)
    return "" if digest == content_digest(kind, body) else digest


def content_of(kind: str, body: Body) -> Any:
    """The content of an object as plain values; empty if it has none."""
    if kind in EMPTY_KINDS:
        return {}
    if "roleRef" in body:
        return _binding(body)
    reader = READERS.get(kind)
    if reader:
        return reader(body)
    return _role(body) if kind.endswith(("Role", "RoleBase")) else _others(body)


def _binding(body: Body) -> Any:
    role = body.get("roleRef") or {}
    subjects = [[s.get("kind", ""), s.get("namespace") or "", s.get("name", "")] for s in body.get("subjects") or []]
    return {"role": [role.get("kind", ""), role.get("name", "")], "subjects": sorted(subjects)}


def _role(body: Body) -> Any:
    """Rules of an aggregated role are written by a controller (Kubernetes v1.24, clusterroleaggregation)."""
    annotations = (body.get("metadata") or {}).get("annotations") or {}
    marks = {k: v for k, v in annotations.items() if k.startswith(ROLE_ANNOTATIONS)}
    content = _others(body)
    if content.get("aggregationRule"):
        content.pop("rules", None)
    return content | ({"annotations": marks} if marks else {})


def _others(body: Body) -> dict[str, Any]:
    rest = {k: v for k, v in body.items() if k not in ("apiVersion", "kind", "metadata", "status")}
    cleaned = clean_value("", rest)
    return cleaned if isinstance(cleaned, dict) else {}


def _config_map(body: Body) -> Any:
    values = {**(body.get("data") or {}), **(body.get("binaryData") or {})}
    return {key: hash_text(str(value)) for key, value in values.items()}


def _service(body: Body) -> Any:
    spec = body.get("spec") or {}
    ports = [
        [str(p.get("name", "")), p.get("port"), str(p.get("targetPort") or p.get("port")), p.get("protocol") or "TCP"]
        for p in spec.get("ports") or []
    ]
    return {
        "ports": ports,
        "selector": workloads.steady_labels(spec.get("selector")),
        "external": spec.get("externalName") or "",
    }


def _webhooks(body: Body) -> Any:
    return [_webhook(webhook) for webhook in body.get("webhooks") or []]


def _webhook(webhook: Body) -> Any:
    client = webhook.get("clientConfig") or {}
    service = client.get("service") or {}
    called = [service.get("namespace", ""), service.get("name", ""), (service.get("path") or "/").rstrip("/")]
    rules = [
        [sorted(rule.get(part) or []) for part in ("apiGroups", "apiVersions", "resources", "operations")]
        for rule in webhook.get("rules") or []
    ]
    return [webhook.get("name", ""), called, client.get("url", ""), rules]


def _crd(body: Body) -> Any:
    """One form for v1 and v1beta1; a server converts the one into the other."""
    spec = body.get("spec") or {}
    names = spec.get("names") or {}
    single = [{"name": spec["version"], "served": True}] if spec.get("version") else []
    versions = [v.get("name") for v in spec.get("versions") or single if v.get("served", True)]
    short, categories = sorted(names.get("shortNames") or []), sorted(names.get("categories") or [])
    title = [names.get("kind", ""), names.get("plural", ""), short, categories]
    return {
        "group": spec.get("group", ""),
        "names": title,
        "scope": spec.get("scope") or "Namespaced",
        "versions": sorted(versions),
    }


def _api_service(body: Body) -> Any:
    spec = body.get("spec") or {}
    service = spec.get("service") or {}
    return [spec.get("group", ""), spec.get("version", ""), service.get("namespace", ""), service.get("name", "")]


READERS: dict[str, Callable[[Body], Any]] = {
    "APIService": _api_service,
    "ConfigMap": _config_map,
    "CustomResourceDefinition": _crd,
    "MutatingWebhookConfiguration": _webhooks,
    "Service": _service,
    "ValidatingWebhookConfiguration": _webhooks,
    **dict.fromkeys(("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"), workloads.workload_content),
}
