"""An object as it was, made ready to be created again: without what the API server and controllers write themselves."""

from collections.abc import Iterable
from typing import Any

from ks_reset.credentials.redact import APPLIED
from ks_reset.model import Body

SERVERS = (
    *("uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"),
    *("managedFields", "selfLink", "ownerReferences"),
)
"""Fields of metadata that the API server writes, and references to owners, whose UIDs are others by then."""
DIGEST = "sha256:"


def image(body: Body) -> Body:
    """The object without status, UID, owners and the like; what kubectl keeps of an earlier apply goes too."""
    meta = {k: v for k, v in (body.get("metadata") or {}).items() if k not in SERVERS}
    if meta.get("annotations"):
        meta["annotations"] = {k: v for k, v in meta["annotations"].items() if k != APPLIED}
    return {**{k: v for k, v in body.items() if k not in ("metadata", "status")}, "metadata": meta}


def unrecorded(value: Any, path: str = "") -> Iterable[str]:
    """The fields of which only a digest was recorded, as paths: `spec.password`."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from unrecorded(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from unrecorded(inner, f"{path}[{index}]")
    elif isinstance(value, str) and DIGEST in value and not _image_reference(value):
        yield path


def _image_reference(value: str) -> bool:
    """A container image by digest, name@sha256:…, which is no secret."""
    return f"@{DIGEST}" in value
