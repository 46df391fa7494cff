"""Whether an object has the shape of its type, as far as its kept fields tell: an answer may hold anything.

Rules take these shapes for granted. An object of another shape counts as unread, with its whole list.
"""

import re
from typing import Any

from ks_reset.credentials.fields import ANY, ITEM, Tree, is_known_type, load_fields, tree_of
from ks_reset.limits import DEPTH
from ks_reset.model import Body

RBAC_GROUP = "rbac.authorization.k8s.io"
WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@+-]*")
REQUIRED = frozenset({"apiVersion", "kind", "name", "uid"})
"""Fields of an ownerReference (kubernetes v1.34.4, staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/types.go)."""


def wrong_shape(body: Body, key: str) -> str:
    """What is wrong with an object of a type, by `Kind.key`, as a phrase with the path; "" for nothing."""
    meta, tree = body.get("metadata"), tree_of(key)
    wrong = _wrong_part(meta, tree["metadata"], "metadata") or _wrong_owner(meta)
    if not wrong and is_known_type(key):
        wrong = _wrong_part(body, tree, "") or _wrong_name(meta, key)
    elif not wrong:
        wrong = next((f"{field} is no mapping" for field in ("spec", "status") if _is_bare(body.get(field))), "")
    return wrong or ("it is nested too deep" if _is_deep(body) else "")


def _is_bare(value: Any) -> bool:
    return value is not None and not isinstance(value, dict)


def _wrong_part(value: Any, tree: Tree, path: str) -> str:
    if value is None:
        return _wrong_number(value, path) if not tree else f"{path} is null" if path.endswith("]") else ""
    if not tree:
        return f"{path} is no text, number or switch" if isinstance(value, dict | list) else _wrong_number(value, path)
    if ITEM in tree:
        if not isinstance(value, list):
            return f"{path} is no list"
        return next((w for i, item in enumerate(value) if (w := _wrong_part(item, tree[ITEM], f"{path}[{i}]"))), "")
    if not isinstance(value, dict):
        is_free = set(tree) == {ANY} and not path.startswith("metadata")
        return "" if is_free else f"{path} is no mapping"
    other = tree.get(ANY)
    fields = ((k, v, tree.get(k, other if isinstance(v, dict) else None)) for k, v in value.items())
    below = ((k, v, t) for k, v, t in fields if t is not None)
    return next((w for k, v, t in below if (w := _wrong_part(v, t, f"{path}.{k}".lstrip(".")))), "")


def _wrong_number(value: Any, path: str) -> str:
    name = path.rpartition(".")[2]
    wants = name in load_fields().numbers
    return f"{path} is no whole number" if wants and (not isinstance(value, int) or isinstance(value, bool)) else ""


def _wrong_name(meta: Any, key: str) -> str:
    """A name that the API server refuses for this type; RBAC allows nearly all."""
    names = [] if key.partition(".")[2] == RBAC_GROUP else [meta.get("name")]
    named = all(
        WORD.fullmatch(str(name)) for name in (*names, meta.get("namespace") or "default", meta.get("uid") or "0")
    )
    return "" if named else "its name, namespace or UID has characters that none may have"


def _wrong_owner(meta: Any) -> str:
    for owner in (meta.get("ownerReferences") or []) if isinstance(meta, dict) else []:
        if any(not isinstance(owner.get(field), str) for field in REQUIRED):
            return "an ownerReference lacks its kind, name or UID"
    for field in ("labels", "annotations"):
        entries = (meta.get(field) or {}) if isinstance(meta, dict) else {}
        if any(not isinstance(entry, str) for entry in entries.values()):
            return f"a value of metadata.{field} is no text"
    return ""


def _is_deep(value: Any) -> bool:
    level, depth = [value], 0
    while level and depth <= DEPTH:
        level = [i for v in level if isinstance(v, dict | list) for i in (v.values() if isinstance(v, dict) else v)]
        depth += 1
    return bool(level)
