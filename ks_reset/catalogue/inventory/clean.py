"""Take out of a value what is not content: defaults, empty fields, sizes, placement, registries and tags."""

import hashlib
from typing import Any

from ks_reset.catalogue.images import image_name

DROPPED = frozenset(
    {
        "affinity", "caBundle", "clusterIP", "clusterIPs", "creationTimestamp", "externalTrafficPolicy",
        "healthCheckNodePort", "imagePullPolicy", "imagePullSecrets", "internalTrafficPolicy", "ipFamilies",
        "ipFamilyPolicy", "nodePort", "nodeSelector", "priorityClassName", "replicas", "resources", "securityContext",
        "storage", "storageClassName", "tag", "tolerations", "version",
    }
)  # fmt: skip
DEFAULTS: dict[str, tuple[Any, ...]] = {
    "defaultMode": (420,),
    "dnsPolicy": ("ClusterFirst",),
    "pathType": ("ImplementationSpecific",),
    "protocol": ("TCP",),
    "reclaimPolicy": ("Delete",),
    "restartPolicy": ("Always",),
    "schedulerName": ("default-scheduler",),
    "terminationMessagePath": ("/dev/termination-log",),
    "terminationMessagePolicy": ("File",),
    "volumeBindingMode": ("Immediate",),
}
"""Fields filled in by the API server with these values (Kubernetes v1.24, pkg/apis/*/v1/defaults.go)."""
UNORDERED = frozenset({"apiGroups", "nonResourceURLs", "resourceNames", "resources", "verbs"})
DIGEST = "sha256:"


def clean_value(key: str, value: Any) -> Any:
    """The value without what is not content; None, "", [], {} and False count as absent, and 1 is the same as "1"."""
    if isinstance(value, dict):
        fields = {k: clean_value(k, v) for k, v in value.items() if not _is_dropped(k, v)}
        return {k: v for k, v in fields.items() if not _is_empty(v) and v not in DEFAULTS.get(k, ())}
    if isinstance(value, list):
        items = [clean_value("", item) for item in value]
        return sorted(items) if key in UNORDERED and all(isinstance(item, str) for item in items) else items
    if is_image(key) and isinstance(value, str):
        return image_name(value)
    return value if value is None or isinstance(value, bool) else str(value)


def is_image(key: str) -> bool:
    """Whether a field of this name has an image: `image`, `baseImage`, `image_name`."""
    return key.lower().removesuffix("_name").endswith("image")


def without_images(value: Any) -> Any:
    """The value without its images."""
    if isinstance(value, dict):
        return {k: without_images(v) for k, v in value.items() if not is_image(k)}
    return [without_images(item) for item in value] if isinstance(value, list) else value


def hash_text(text: str) -> str:
    """`sha256:` and 16 hex digits, the form of a redacted value; such a value is returned unchanged."""
    return text if text.startswith(DIGEST) else DIGEST + hashlib.sha256(text.encode()).hexdigest()[:16]


def _is_dropped(key: str, value: Any) -> bool:
    """`resources` of a role are a list and are content; those of a container are a mapping of sizes."""
    return key in DROPPED and not (key == "resources" and isinstance(value, list))


def _is_empty(value: Any) -> bool:
    return value is None or value is False or value == "" or value == [] or value == {}
