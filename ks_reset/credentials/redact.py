"""Replace what may be a credential by its keyed digest as soon as an object is read.

Nothing tells a password by its look: it is in variables, arguments, headers, annotations and the text of custom
resources. So the fields of data/fields.yaml stay, and every other text and number becomes a digest: enough to prove it
unchanged. Switches, empty texts and the names of fields stay.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from ks_reset.credentials.digests import Scalar, digest_and_note, digest_of
from ks_reset.credentials.fields import ANY, ITEM, Tree, names_kept_anywhere, tree_of
from ks_reset.model import Body, group_of
from ks_reset.verify.references import VOLUME_FIELDS

APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
WORDS = r"pass(w(or)?d|phrase)?|pwd|token|secret|kubeconfig|credentials?|(private|api|access|secret)[-_]?key([-_]?id)?"
SECRETIVE = re.compile(rf"(?i)({WORDS})s?([-_]?\d+)?$")
FLAG = re.compile(r"^(--?[A-Za-z][\w.-]*)=(.*)$", re.DOTALL)
BARE_FLAG = re.compile(r"-[a-z]|--[a-z][a-z0-9-]*")
USERINFO = re.compile(r"(?<=://)[^/@\s]+(?=@)")
NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._:/-]{0,251}[A-Za-z0-9])?")
KUBEFED_PROGRAM = re.compile(r"(?:[\w./-]*/)?controller-manager|.*\bhyperfed/controller-manager\b.*", re.DOTALL)
"""The command lines by which kubefed is known under another name (catalogue/controllers.py); they hold no passwords."""
ARGUMENTS = frozenset({"args", "command"})
SERVERS = frozenset({"managedFields"})
SCHEMAS = frozenset({"CustomResourceDefinition.apiextensions.k8s.io"})
"""Types of which only metadata is redacted: a schema names fields such as `secretRef` and has no value of theirs."""
UNNOTED = frozenset({"data", "stringData", "binaryData", "status", APPLIED})
"""Fields whose values are never noted as originals: credentials, and what a restored object does not get."""
Hide = Callable[[Scalar], str]


def redact_object(body: Body, key: str = "") -> Body:
    """The object without managedFields, with digests in place of everything outside the kept fields of its type.

    `key` is its `Kind.key`; items of a list do not name their type.
    """
    tree = tree_of(key or key_of(body))
    meta = {k: v for k, v in (body.get("metadata") or {}).items() if k not in SERVERS}
    rest = {k: v for k, v in body.items() if k != "metadata"}
    if (key or key_of(body)) in SCHEMAS:
        return {"metadata": _keep_fields(meta, tree["metadata"]), **rest}
    hidden: Body = _keep_fields({"metadata": meta, **rest}, tree)
    return hidden


def redact_values(values: Body) -> Body:
    """The values of the chart ks-core, with digests in place of everything outside its known fields."""
    hidden: Body = _keep_fields(values, tree_of("Values"))
    return hidden


def key_of(body: Body) -> str:
    """The `Kind.key` of an object that names its type."""
    kind, group = str(body.get("kind") or ""), group_of(str(body.get("apiVersion") or ""))
    return f"{kind}.{group}" if group else kind


def _keep_fields(value: Any, tree: Tree) -> Any:
    """A value whose fields in the tree stay."""
    if isinstance(value, dict):
        other, named = tree.get(ANY), _is_secretive(str(value.get("name") or ""))
        return {
            k: _hide_field(k, v, digest_of if named or k in UNNOTED else digest_and_note)
            if (below := tree.get(k, other)) is None
            else _keep_fields(v, below)
            for k, v in value.items()
        }
    if isinstance(value, list):
        below = tree.get(ITEM)
        return [_hide_field("", v, digest_and_note) if below is None else _keep_fields(v, below) for v in value]
    if tree:  # a text in place of a mapping
        return _hide_field("", value, digest_and_note)
    return USERINFO.sub(_digest_match, value) if isinstance(value, str) and "://" in value else value


def _hide_field(field: str, value: Any, hide: Hide) -> Any:
    """A field outside the tree: every text and number of it becomes a digest, but names where rules look for them."""
    if isinstance(value, str):
        if not value or (_may_hold_name(field) and NAME.fullmatch(value)):
            return value
        return digest_of(value) if _is_secretive(field) else hide(value)
    if isinstance(value, dict):
        inner = digest_of if _is_secretive(str(value.get("name") or "")) else hide
        return {k: _hide_field(k, v, digest_of if k in UNNOTED else inner) for k, v in value.items()}
    if isinstance(value, list):
        if field in ARGUMENTS:
            return _hide_arguments(value)
        return [_hide_field(field, item, hide) for item in value]
    if value is None or isinstance(value, bool):
        return value
    return digest_of(value) if _is_secretive(field) else hide(value)


def _hide_arguments(words: list[Any]) -> list[Any]:
    """A command line: flags stay, their values do not, in the same word or the next."""
    hidden, after = [], ""
    for word in words:
        flag = FLAG.match(word) if isinstance(word, str) else None
        hide = digest_of if _is_secretive(flag[1] if flag else after) else digest_and_note
        if flag:
            hidden.append(f"{flag[1]}={hide(flag[2])}" if flag[2] else word)
        elif isinstance(word, str) and (BARE_FLAG.fullmatch(word) or KUBEFED_PROGRAM.fullmatch(word)):
            hidden.append(word)
        else:
            hidden.append(_hide_field("", word, hide))
        after = word if isinstance(word, str) and not flag else ""
    return hidden


def _digest_match(match: re.Match[str]) -> str:
    return digest_of(match[0])


@lru_cache(maxsize=4096)
def _may_hold_name(field: str) -> bool:
    """Whether rules, or the proof of bystanders, look for the name of an object or a volume in a field."""
    return field in names_kept_anywhere() or (VOLUME_FIELDS.search(field) is not None and not _is_secretive(field))


@lru_cache(maxsize=4096)
def _is_secretive(field: str) -> bool:
    """Whether a field has the name of a credential: its value is never noted as an original."""
    return SECRETIVE.search(field) is not None
