"""The seatbelt below Kubernetes 1.30: a webhook that fails closed, and a URL that nothing answers.

No server is needed: a call that fails refuses the request (kubernetes v1.24.17,
staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook/validating/dispatcher.go). It cannot tell who asks, so it
denies to everybody. It cannot tell types by name either: those of KubeSphere's are let go by a label, right before.
"""

from typing import Any

from ks_reset.model import Body, Kind, Obj
from ks_reset.seatbelt.scope import own_namespaces

KIND = Kind(
    "admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", False
)
REMOVABLE = "ks-reset/removable"
URL = "https://127.0.0.1:1/ks-reset-protect-off-ends-this"


def parts(name: str, annotations: dict[str, str], spared: tuple[str, ...]) -> tuple[tuple[Kind, Body], ...]:
    """The one configuration."""
    homes = {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": [*own_namespaces(), *spared]}
    kept = {"key": REMOVABLE, "operator": "DoesNotExist"}
    hooks = [
        _hook(f"namespaces-and-claims.{name}.invalid", "", ["namespaces", "persistentvolumeclaims"])
        | {"namespaceSelector": {"matchExpressions": [homes]}},
        _hook(f"volumes.{name}.invalid", "", ["persistentvolumes"]),
        _hook(f"types.{name}.invalid", "apiextensions.k8s.io", ["customresourcedefinitions"])
        | {"objectSelector": {"matchExpressions": [kept]}},
    ]
    meta = {"name": name, "annotations": annotations}
    return ((KIND, {"apiVersion": KIND.api_version, "kind": KIND.kind, "metadata": meta, "webhooks": hooks}),)


def removable(crd: Obj) -> Body:
    """The merge patch that lets a type go in spite of the seatbelt, bound to its UID."""
    return {"metadata": {"uid": crd.uid, "labels": {REMOVABLE: "true"}}}


def _hook(name: str, group: str, resources: list[str]) -> dict[str, Any]:
    rule = {"apiGroups": [group], "apiVersions": ["*"], "operations": ["DELETE"], "resources": resources, "scope": "*"}
    return {
        "name": name,
        "clientConfig": {"url": URL},
        "rules": [rule],
        "failurePolicy": "Fail",
        "sideEffects": "None",
        "timeoutSeconds": 1,
        "admissionReviewVersions": ["v1"],
    }
