"""The seatbelt below Kubernetes 1.30: a webhook with failurePolicy Fail and a URL without a server.

A failed call refuses the request (kubernetes v1.24.17,
staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook/validating/dispatcher.go). The webhook sees no user name, so
it denies every client. It cannot select CRDs by name: KubeSphere's own are labelled REMOVABLE right before their
deletion.
"""

from typing import Any

from ks_reset.catalogue.names import APIEXTENSIONS_GROUP, METADATA_NAME_LABEL, VALIDATING_WEBHOOK_KIND
from ks_reset.model import Body, Kind, Obj
from ks_reset.seatbelt.scope import REMOVABLE, own_namespaces

URL = "https://127.0.0.1:1/ks-reset-protect-off-ends-this"


def webhook_objects(
    name: str, annotations: dict[str, str], excepted_namespaces: tuple[str, ...]
) -> tuple[tuple[Kind, Body], ...]:
    """The ValidatingWebhookConfiguration, the only object of this seatbelt, with its Kind."""
    names = [*own_namespaces(), *excepted_namespaces]
    outside_names = {"key": METADATA_NAME_LABEL, "operator": "NotIn", "values": names}
    not_removable = {"key": REMOVABLE, "operator": "DoesNotExist"}
    hooks = [
        _hook_body(f"namespaces-and-claims.{name}.invalid", "", ["namespaces", "persistentvolumeclaims"])
        | {"namespaceSelector": {"matchExpressions": [outside_names]}},
        _hook_body(f"volumes.{name}.invalid", "", ["persistentvolumes"]),
        _hook_body(f"types.{name}.invalid", APIEXTENSIONS_GROUP, ["customresourcedefinitions"])
        | {"objectSelector": {"matchExpressions": [not_removable]}},
    ]
    meta = {"name": name, "annotations": annotations}
    return (
        (
            VALIDATING_WEBHOOK_KIND,
            {
                "apiVersion": VALIDATING_WEBHOOK_KIND.api_version,
                "kind": VALIDATING_WEBHOOK_KIND.kind,
                "metadata": meta,
                "webhooks": hooks,
            },
        ),
    )


def removable_patch(crd: Obj) -> Body:
    """The merge patch that makes the webhook admit the deletion of this CRD; the UID in it excludes a namesake."""
    return {"metadata": {"uid": crd.uid, "labels": {REMOVABLE: "true"}}}


def _hook_body(name: str, group: str, resources: list[str]) -> dict[str, Any]:
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
