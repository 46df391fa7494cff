"""What users own, listed by the tests themselves: neither the catalogue nor verify has a word in it."""

import hashlib
import json
from typing import Any

from ks_reset.rehearsal.fleet import RehearsalFleet

OWN = ("kubesphere.io", "kubefed.io")
SYSTEM = ("kubesphere-system", "kubesphere-controls-system", "kubesphere-monitoring-system", "kube-federation-system")
PASSING = (
    "Event",
    "EndpointSlice",
    "Lease",
    "Pod",
    "ReplicaSet",
    "Endpoints",
    "ComponentStatus",
    "APIService",
    "IPAddress",
)
MADE = ("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition")
"""Kinds partly created by KubeSphere: here the tests name the objects of users and of Kubernetes."""
USERS = ("my-kubesphere-dashboards", "widgets.shop.example.com")
Inventory = dict[tuple[str, ...], tuple[str, str]]


def inventory(world: RehearsalFleet) -> Inventory:
    """UID and digest of every object of users' and of Kubernetes' own, on both clusters."""
    found: Inventory = {}
    for context, cluster in world.clusters.items():
        for key, kind in cluster.kinds().items():
            if kind.kind in PASSING or _ours(kind.group):
                continue
            for body in cluster.list(kind):
                meta = body["metadata"]
                if _users(kind.kind, meta):
                    name = (context, key, meta.get("namespace", ""), meta["name"])
                    found[name] = (meta["uid"], _digest(body))
    return found


def _users(kind: str, meta: dict[str, Any]) -> bool:
    if meta.get("namespace") in SYSTEM or (kind == "Namespace" and meta["name"] in SYSTEM):
        return False
    if kind in MADE:
        bootstrap = (meta.get("labels") or {}).get("kubernetes.io/bootstrapping") == "rbac-defaults"
        return bootstrap or meta["name"] in USERS or meta.get("namespace") in ("legacy-batch", "vault-keys")
    return not (kind.endswith("WebhookConfiguration") and _ours(meta["name"]))


def _digest(body: dict[str, Any]) -> str:
    meta = body["metadata"]
    rest = {k: v for k, v in body.items() if k not in ("metadata", "status")}
    if body.get("aggregationRule"):
        rest.pop("rules", None)
    for field in ("labels", "annotations"):
        rest[field] = {k: v for k, v in (meta.get(field) or {}).items() if not _ours(k.partition("/")[0])}
    rest["finalizers"] = [f for f in meta.get("finalizers") or [] if not _ours(f.partition("/")[0])]
    rest["owners"] = [o for o in meta.get("ownerReferences") or [] if not _ours(o["apiVersion"].partition("/")[0])]
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def _ours(domain: str) -> bool:
    return any(domain == own or domain.endswith(f".{own}") for own in OWN)
