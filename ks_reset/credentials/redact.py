"""Remove credentials from an object as soon as it is read, so that no snapshot, plan or log contains one.

A value is replaced by its digest: enough to prove it unchanged. ConfigMap data is treated the same way, since people
keep passwords there; no decision of ks-reset depends on it.
"""

import hashlib
import re
from typing import Any

from ks_reset.model import Body

WORDS = r"pass(w(or)?d|phrase)?|pwd|token|secret|kubeconfig|credentials?|(private|api|access|secret)[-_]?key([-_]?id)?"
SECRETIVE = re.compile(rf"(?i)({WORDS})([-_]?\d+)?$")
FLAG = re.compile(rf"(?i)^(--?[\w.-]*({WORDS}))(=.*)?$", re.DOTALL)
USERINFO = re.compile(r"(?<=://)[^/@\s]+(?=@)")
APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
PAYLOAD = {"data", "stringData", "binaryData"}


def redact_object(body: Body) -> Body:
    """The object without managedFields, with digests in place of possible credentials."""
    meta = {k: v for k, v in (body.get("metadata") or {}).items() if k != "managedFields"}
    if meta.get("annotations"):
        meta["annotations"] = _redact_nested("annotations", meta["annotations"])
    rest = {k: _digest_values(v) if k in PAYLOAD else _redact_value(k, v) for k, v in body.items() if k != "metadata"}
    return {"metadata": meta, **rest}


def _redact_nested(key: str, value: Any) -> Any:
    if isinstance(value, dict):
        if key == "template" and PAYLOAD & value.keys():  # FederatedSecret, FederatedConfigMap
            value = {k: _digest_values(v) if k in PAYLOAD else v for k, v in value.items()}
        named = SECRETIVE.search(str(value.get("name", ""))) or _overrides_payload(value)
        return {k: _redact_value(k, v, named=bool(named)) for k, v in value.items()}
    if isinstance(value, list):
        return _redact_arguments([_redact_value(key, v) for v in value])
    return USERINFO.sub(lambda match: digest_of(match[0]), value) if isinstance(value, str) else value


def _overrides_payload(value: Body) -> bool:
    """Whether this overrides a federated object's data (kubefed v0.8.1, pkg/controller/util/overrides.go)."""
    return str(value.get("path", "")).partition("/")[2].partition("/")[0] in PAYLOAD


def _redact_value(key: str, value: Any, *, named: bool = False) -> Any:
    if named and key == "value":
        return digest_of(value if isinstance(value, str) else str(value))
    if isinstance(value, str) and value and (key == APPLIED or SECRETIVE.search(key)):
        return digest_of(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and SECRETIVE.search(key):
        return digest_of(str(value))
    return _redact_nested(key, value)


def _redact_arguments(items: list[Any]) -> list[Any]:
    """A command line with the values of flags such as --password hidden, in the same word or the next."""
    arguments, hide = [], False
    for item in items:
        flag = FLAG.match(item) if isinstance(item, str) else None
        if flag and flag[0] != flag[1]:
            arguments.append(f"{flag[1]}={digest_of(item[len(flag[1]) + 1 :])}")
        else:
            arguments.append(digest_of(item) if hide and isinstance(item, str) and not item.startswith("-") else item)
        hide = bool(flag and flag[0] == flag[1])
    return arguments


def _digest_values(data: Any) -> Any:
    return {k: digest_of(str(v)) for k, v in data.items()} if isinstance(data, dict) else data


def digest_of(value: str) -> str:
    """`sha256:` and the first 16 hex digits; a digest is returned unchanged."""
    if value.startswith("sha256:"):
        return value
    return "sha256:" + hashlib.sha256(value.encode()).hexdigest()[:16]
