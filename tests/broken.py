"""Worlds in which KubeSphere is broken: the rows of a healthy cluster, changed in one way each."""

import copy
from collections.abc import Callable
from typing import Any

from tests.build import Rows

OWN = ("kubesphere-", "kube-federation-system")
WEBHOOKS = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")
Break = Callable[[Rows], Rows]


def _is_own(name: str) -> bool:
    return name.startswith(OWN)


def _meta(row: dict[str, Any]) -> dict[str, Any]:
    return row.get("metadata") or {}


def crash_looping(rows: Rows) -> Rows:
    """The controllers have replicas, and none is ready."""
    for row in _own_deployments(rows):
        row["spec"]["replicas"], row["status"] = 1, {"replicas": 1, "readyReplicas": 0, "unavailableReplicas": 1}
    return rows


def images_gone(rows: Rows) -> Rows:
    """The controllers have replicas, and no pod exists."""
    for row in _own_deployments(rows):
        row["spec"]["replicas"], row["status"] = 1, {}
    return [r for r in rows if r["kind"] not in ("Pod", "ReplicaSet") or not _is_own(_meta(r).get("namespace", ""))]


def scaled_to_zero(rows: Rows) -> Rows:
    for row in _own_deployments(rows):
        row["spec"]["replicas"] = 0
    return rows


def webhooks_dead(rows: Rows) -> Rows:
    """Each webhook configuration refuses what it covers; one covers everything users own."""
    rows = [r for r in rows if r["kind"] not in ("Endpoints", "EndpointSlice")]
    for row in rows:
        for hook in row.get("webhooks") or []:
            hook["failurePolicy"] = "Fail"
    return [*rows, _webhook("namespaces.kubesphere.io", ["namespaces"]), _webhook("everything.kubesphere.io", ["*"])]


def namespaces_missing(rows: Rows) -> Rows:
    """KubeSphere's namespaces are gone with everything in them."""
    kept = [row for row in rows if not _is_own(_meta(row).get("namespace", ""))]
    return [row for row in kept if row["kind"] != "Namespace" or not _is_own(_meta(row).get("name", ""))]


def apiservice_dead(rows: Rows) -> Rows:
    """An aggregated API without a backend; its types are a gap."""
    service = {"namespace": "kubesphere-system", "name": "ks-apiserver"}
    return [
        *rows,
        {
            "apiVersion": "apiregistration.k8s.io/v1",
            "kind": "APIService",
            "metadata": {"name": "v1alpha2.resources.kubesphere.io"},
            "spec": {"group": "resources.kubesphere.io", "version": "v1alpha2", "service": service},
            "status": {"conditions": [{"type": "Available", "status": "False", "reason": "MissingEndpoints"}]},
        },
    ]


def _own_deployments(rows: Rows) -> Rows:
    return [r for r in rows if r["kind"] == "Deployment" and _meta(r) and _is_own(_meta(r).get("namespace", ""))]


def _webhook(name: str, resources: list[str]) -> dict[str, Any]:
    rule = {"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": resources, "scope": "*"}
    client = {"service": {"namespace": "kubesphere-system", "name": "ks-controller-manager"}}
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": name},
        "webhooks": [{"name": name, "failurePolicy": "Fail", "clientConfig": client, "rules": [rule]}],
    }


GAP = {"what": "API group resources.kubesphere.io/v1alpha2", "why": "503: the server is currently unable to handle it"}
BREAKS: dict[str, Break] = {
    each.__name__: each
    for each in (crash_looping, images_gone, scaled_to_zero, webhooks_dead, namespaces_missing, apiservice_dead)
}


def broken(rows: Rows, way: str) -> Rows:
    """The rows after this break; the given ones stay as they are."""
    return BREAKS[way](copy.deepcopy(rows))
