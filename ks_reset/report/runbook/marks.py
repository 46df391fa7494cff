"""Patches of metadata for kubectl, each bound to the UID of its object.

A built-in type takes a strategic merge patch: it deletes entries of a list by value, whatever their index
(`$deleteFromPrimitiveList/finalizers`, `$patch: delete` with the merge key `uid`; kubernetes v1.24.17,
staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/types.go). A custom type takes a JSON Patch alone, with an index. The
plan has no index, since other clients change the list; so kubectl writes the patch from the object as it is, and the
API server tests each entry before it removes it.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from ks_reset.model import AddMarks, Body, Marks, RemoveMarks
from ks_reset.report.runbook.shell import BUILT_IN, Site, quote_word, resource_word

MarkAction = RemoveMarks | AddMarks
UID_TEST = '{"op":"test","path":"/metadata/uid","value":%s}'
REMOVAL = (
    '{{range $i, $e := .metadata.%s}}{{if or %s}}{{$ops = printf `,{"op":"test","path":"/metadata/%s/%%d%s",'
    '"value":%%q}'
    ',{"op":"remove","path":"/metadata/%s/%%d"}%%s` $i %s $i $ops}}{{end}}{{end}}'
)
"""Collects the operations, the last entry first: no removal changes the index of another."""
ADDITION = (
    '{{if .metadata.%(field)s}},{"op":"add","path":"/metadata/%(field)s/-","value":%(value)s}'
    '{{else}},{"op":"add","path":"/metadata/%(field)s","value":[%(value)s]}{{end}}'
)


def removal_commands(action: RemoveMarks, site: Site) -> list[str]:
    """The commands that remove the marks of the action, also those a controller may have added by then."""
    gone, built_in = action.all_marks, action.kind.group in BUILT_IN
    meta, found = _keys_as_null(gone), gone
    if built_in:
        if gone.finalizers:
            meta["$deleteFromPrimitiveList/finalizers"] = list(gone.finalizers)
        if known := [{"$patch": "delete", "uid": owner["uid"]} for owner in gone.owners if "uid" in owner]:
            meta["ownerReferences"] = known
        found = Marks(owners=tuple(owner for owner in gone.owners if "uid" not in owner))
    commands = [_patch(action, site, "strategic" if built_in else "merge", meta)] if meta else []
    if found.finalizers or found.owners:
        commands.append(_json_patch(action, site, _operations_to_remove(found)))
    return commands


def addition_commands(action: MarkAction, site: Site, marks: Marks) -> list[str]:
    """The commands that add marks to the object, beside those that are there."""
    meta: Body = {key: value for key, value in (("labels", marks.labels), ("annotations", marks.annotations)) if value}
    if action.kind.group in BUILT_IN:
        meta |= {"finalizers": list(marks.finalizers)} if marks.finalizers else {}
        meta |= {"ownerReferences": list(marks.owners)} if marks.owners else {}
        return [_patch(action, site, "strategic", meta)]
    commands = [_patch(action, site, "merge", meta)] if meta else []
    added: list[tuple[str, str | Body]] = [("finalizers", name) for name in marks.finalizers]
    added += [("ownerReferences", owner) for owner in marks.owners]
    commands += [_json_patch(action, site, ADDITION % {"field": f, "value": as_json(v)}) for f, v in added]
    return commands


def as_json(value: Any) -> str:
    """Compact JSON, as one line."""
    return msgspec.json.encode(value).decode()


def _keys_as_null(marks: Marks) -> Body:
    pairs = (("labels", marks.labels), ("annotations", marks.annotations))
    return {field: dict.fromkeys(entries) for field, entries in pairs if entries}


def _patch(action: MarkAction, site: Site, form: str, meta: Body) -> str:
    body = quote_word(as_json({"metadata": {"uid": action.uid, **meta}}))
    return f"{_patch_prefix(action, site)} --type={form} -p {body}"


def _json_patch(action: MarkAction, site: Site, operations: str) -> str:
    """A JSON Patch written by kubectl from the object as it is, by a Go template."""
    template = f"[{UID_TEST % as_json(action.uid)}{operations}]"
    read = f"{site.kubectl(action.namespace)} get {resource_word(action.kind, action.name)}"
    return f'{_patch_prefix(action, site)} --type=json -p "$({read} -o go-template={quote_word(template)})"'


def _patch_prefix(action: MarkAction, site: Site) -> str:
    return f"{site.kubectl(action.namespace)} patch {resource_word(action.kind, action.name)}"


def _operations_to_remove(marks: Marks) -> str:
    parts = ["{{$ops := ``}}"]
    if marks.finalizers:
        parts.append(_removal("finalizers", (f"(eq $e {as_json(name)})" for name in marks.finalizers), ""))
    if marks.owners:
        known = (f"(and (eq $e.kind {as_json(o['kind'])}) (eq $e.name {as_json(o['name'])}))" for o in marks.owners)
        parts.append(_removal("ownerReferences", known, "uid"))
    return "".join((*parts, "{{$ops}}"))


def _removal(field: str, conditions: Iterable[str], key: str) -> str:
    inner, value = (f"/{key}", f"$e.{key}") if key else ("", "$e")
    return REMOVAL % (field, " ".join(conditions), field, inner, field, value)
