"""Take credentials out of an object as soon as it is read, so that no snapshot, plan or log can hold one.

A value is replaced by its digest: enough to prove that it did not change. ConfigMap data is treated the same way,
since people keep passwords there; nothing ks-reset decides rests on it.
"""

import hashlib
import re
from typing import Any

from ks_reset.model import Body

SECRETIVE = re.compile(r"(?i)(passw(or)?d|token|secret|kubeconfig|private-?_?key|credential|api-?_?key)$")
APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
PAYLOAD = {"data", "stringData", "binaryData"}


def redact(body: Body) -> Body:
    """The object without managedFields, and with digests in place of whatever may be a credential."""
    meta = {k: v for k, v in (body.get("metadata") or {}).items() if k != "managedFields"}
    if meta.get("annotations"):
        meta["annotations"] = {k: _annotation(k, v) for k, v in meta["annotations"].items()}
    rest = {k: _digests(v) if k in PAYLOAD else _clean(k, v) for k, v in body.items() if k != "metadata"}
    return {"metadata": meta, **rest}


def _annotation(key: str, value: str) -> str:
    return digest(value) if key == APPLIED or SECRETIVE.search(key) else value


def _clean(key: str, value: Any) -> Any:
    if isinstance(value, dict):
        if key == "template" and PAYLOAD & value.keys():  # FederatedSecret, FederatedConfigMap
            value = {k: _digests(v) if k in PAYLOAD else v for k, v in value.items()}
        named = SECRETIVE.search(str(value.get("name", "")))
        return {k: _hidden(k, v, bool(named)) for k, v in value.items()}
    if isinstance(value, list):
        return [_clean(key, v) for v in value]
    return value


def _hidden(key: str, value: Any, named: bool) -> Any:
    if isinstance(value, str) and value and (SECRETIVE.search(key) or (named and key == "value")):
        return digest(value)
    return _clean(key, value)


def _digests(data: Any) -> Any:
    return {k: digest(str(v)) for k, v in data.items()} if isinstance(data, dict) else data


def digest(value: str) -> str:
    """`sha256:` and the first 16 hex digits; a digest stays what it is."""
    if value.startswith("sha256:"):
        return value
    return "sha256:" + hashlib.sha256(value.encode()).hexdigest()[:16]
