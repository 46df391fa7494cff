"""The seatbelt below Kubernetes 1.30: a webhook with failurePolicy Fail and a URL without a server.

A failed call refuses the request (kubernetes v1.24.17,
staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook/validating/dispatcher.go). The webhook sees no user name, so
it denies every client. It cannot select CRDs by name: KubeSphere's own are labelled REMOVABLE right before their
deletion. It selects namespaces by the label of their name, set by every API server from Kubernetes 1.22 on (kubernetes
v1.21.0 and v1.22.0, pkg/features/kube_features.go, NamespaceDefaultLabelName). Below that, KubeSphere's own and the
excepted namespaces get the label REMOVABLE when the seatbelt is put on, and lose it when it is taken off. The selector
is matched for a DELETE with the labels in the API server's cache, also for the claims in a namespace (v1.24.17,
staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook/namespace/matcher.go, GetNamespaceLabels).
"""

import re
from collections.abc import Iterable
from typing import Any

from ks_reset.catalogue.names import APIEXTENSIONS_GROUP, METADATA_NAME_LABEL, VALIDATING_WEBHOOK_KIND
from ks_reset.model import Body, Kind, Obj
from ks_reset.seatbelt.scope import LET_GO_LABELS, REMOVABLE, own_namespaces

URL = "https://127.0.0.1:1/ks-reset-protect-off-ends-this"


NAMED_SINCE = (1, 22)
"""The Kubernetes release from which on every namespace has the label of its name."""


def are_namespaces_labelled(version: str) -> bool:
    """Whether an API server of this version labels every namespace with its name; False for an unknown version."""
    numbers = re.match(r"v?(\d+)\.(\d+)", version)
    return numbers is not None and (int(numbers[1]), int(numbers[2])) >= NAMED_SINCE


def webhook_objects(
    name: str, annotations: dict[str, str], excepted_namespaces: tuple[str, ...], *, labelled: bool
) -> tuple[tuple[Kind, Body], ...]:
    """The ValidatingWebhookConfiguration, the only object of this seatbelt, with its Kind.

    With `labelled` every namespace has the label of its name.
    """
    names = [*own_namespaces(), *excepted_namespaces]
    outside = [{"key": METADATA_NAME_LABEL, "operator": "NotIn", "values": names}]
    if not labelled:
        outside += [{"key": label, "operator": "DoesNotExist"} for label in LET_GO_LABELS]
    not_removable = {"key": REMOVABLE, "operator": "DoesNotExist"}
    hooks = [
        _hook_body(f"namespaces-and-claims.{name}.invalid", "", ["namespaces", "persistentvolumeclaims"])
        | {"namespaceSelector": {"matchExpressions": outside}},
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


def marks_namespaces(parts: Iterable[tuple[Kind, Body]]) -> bool:
    """Whether this seatbelt excepts namespaces by the label REMOVABLE too."""
    hooks = [hook for _, body in parts for hook in body.get("webhooks", [])]
    rules = [rule for hook in hooks for rule in hook.get("namespaceSelector", {}).get("matchExpressions", [])]
    return any(rule["key"] == REMOVABLE for rule in rules)


def removable_patch(obj: Obj, value: str | None = "true", version: str = "") -> Body:
    """The merge patch that makes the webhook admit the deletion of this CRD or namespace, or no longer, with None.

    The UID in it excludes a namesake, and the version any change since it was read: the API server answers a conflict
    (kubernetes v1.24.17, staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go, Update).
    """
    bound = {"resourceVersion": version} if version else {}
    return {"metadata": {"uid": obj.uid, **bound, "labels": {REMOVABLE: value}}}


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
