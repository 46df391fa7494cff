"""A recorded object as a manifest to create it again: without the fields written by API server and controllers."""

from collections.abc import Iterable
from typing import Any

from ks_reset.credentials.digests import has_digest
from ks_reset.credentials.redact import APPLIED
from ks_reset.model import Body

SERVERS = (
    *("uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"),
    *("managedFields", "selfLink", "ownerReferences"),
)
"""Metadata fields written by the API server, and ownerReferences: their UIDs will have changed."""


def as_manifest(body: Body) -> Body:
    """The object without status, UID, owners and the like, and without kubectl's last-applied annotation."""
    meta = {k: v for k, v in (body.get("metadata") or {}).items() if k not in SERVERS}
    if meta.get("annotations"):
        meta["annotations"] = {k: v for k, v in meta["annotations"].items() if k != APPLIED}
    return {**{k: v for k, v in body.items() if k not in ("metadata", "status")}, "metadata": meta}


def digest_fields(value: Any, path: str = "") -> Iterable[str]:
    """The paths, such as `spec.password`, of fields recorded only as a digest."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from digest_fields(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from digest_fields(inner, f"{path}[{index}]")
    elif isinstance(value, str) and has_digest(value):
        yield path
