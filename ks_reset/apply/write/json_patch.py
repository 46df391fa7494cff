"""JSON Patches for marks and replicas; their `test` operations fail for any other object.

A strategic merge patch with `ownerReferences: []` or `finalizers: []` changes nothing and says nothing
(patchStrategy=merge in ObjectMeta, Kubernetes v1.24, apimachinery/pkg/apis/meta/v1/types.go), so it is never sent.
"""

from collections.abc import Callable, Iterable
from typing import Any

from ks_reset.catalogue.names import REPLICAS_ANNOTATION
from ks_reset.credentials.digests import has_digest
from ks_reset.model import Body, Marks, Obj, owner_key


def operations_to_remove(obj: Obj, marks: Marks) -> list[Body]:
    """Operations to remove the marks, each entry tested as it was read; [] if none is left."""
    meta = obj.meta
    ops = _remove_entries("labels", obj.labels, marks.labels)
    ops += _remove_entries("annotations", obj.annotations, marks.annotations)
    ops += _remove_items("finalizers", meta.get("finalizers") or [], lambda f: f in marks.finalizers)
    ops += _remove_items("ownerReferences", meta.get("ownerReferences") or [], lambda r: _is_marked(r, marks))
    return [_test_operation("/metadata/uid", obj.uid), *ops] if ops else []


def operations_to_add(obj: Obj, marks: Marks) -> list[Body]:
    """Operations to add the missing marks to the object in its version as read; [] if none is missing."""
    ops = _add_entries("labels", obj.labels, marks.labels)
    ops += _add_entries("annotations", obj.annotations, marks.annotations)
    ops += _append_missing("finalizers", obj.finalizers, marks.finalizers, lambda f: f)
    ops += _append_missing("ownerReferences", obj.meta.get("ownerReferences") or [], marks.owners, lambda o: o["uid"])
    version = _test_operation("/metadata/resourceVersion", obj.meta.get("resourceVersion", ""))
    return [_test_operation("/metadata/uid", obj.uid), version, *ops] if ops else []


def operations_to_scale(obj: Obj, replicas: int) -> list[Body]:
    """Operations to set spec.replicas; at 0 an annotation keeps the earlier number, above 0 it is removed.

    A Deployment stopped already gets the annotation too, for its later start. [] if nothing is
    left to do.
    """
    now = obj.spec.get("replicas", 1)
    if now == replicas and (replicas == 0) == (REPLICAS_ANNOTATION in obj.annotations):
        return []
    ops = [
        _test_operation("/metadata/uid", obj.uid),
        _test_operation("/spec/replicas", now),
        _add_operation("/spec/replicas", replicas),
    ]
    if replicas == 0:
        if not obj.annotations:
            ops.append(_add_operation("/metadata/annotations", {}))
        return [*ops, _add_operation(f"/metadata/annotations/{_escape_key(REPLICAS_ANNOTATION)}", str(now))]
    if REPLICAS_ANNOTATION in obj.annotations:
        ops.append({"op": "remove", "path": f"/metadata/annotations/{_escape_key(REPLICAS_ANNOTATION)}"})
    return ops


def operations_to_stop_conversion(crd: Obj) -> list[Body]:
    """Operations to set the conversion of a type to None; [] if it is."""
    now = crd.spec.get("conversion") or {}
    if now.get("strategy") != "Webhook":
        return []
    none = {"op": "replace", "path": "/spec/conversion", "value": {"strategy": "None"}}
    return [_test_operation("/metadata/uid", crd.uid), _test_operation("/spec/conversion/strategy", "Webhook"), none]


def with_version_test(obj: Obj, operations: list[Body]) -> list[Body]:
    """The operations; those on finalizers, and on values that facts hold as digests, only in the version as read.

    Guards ask whether an object is being deleted before its last finalizer goes, and no operation tests that.
    """
    shown = [o for o in operations if o["op"] != "test" or not (isinstance(o["value"], str) and has_digest(o["value"]))]
    touched = any(operation["path"].startswith("/metadata/finalizers") for operation in operations)
    version = _test_operation("/metadata/resourceVersion", obj.meta.get("resourceVersion", ""))
    bound = touched or len(shown) < len(operations)
    return [version, *shown] if bound and version not in operations else shown


def _add_entries(field: str, present: dict[str, str], wanted: dict[str, str]) -> list[Body]:
    missing = {k: v for k, v in wanted.items() if present.get(k) != v}
    container = [_add_operation(f"/metadata/{field}", {})] if missing and not present else []
    return container + [_add_operation(f"/metadata/{field}/{_escape_key(k)}", v) for k, v in missing.items()]


def _append_missing(field: str, present: list[Any], wanted: Iterable[Any], key: Callable[[Any], object]) -> list[Body]:
    known = [key(entry) for entry in present]
    missing = [entry for entry in wanted if key(entry) not in known]
    container = [_add_operation(f"/metadata/{field}", [])] if missing and not present else []
    return container + [_add_operation(f"/metadata/{field}/-", entry) for entry in missing]


def _is_marked(reference: Body, marks: Marks) -> bool:
    return any(owner_key(owner) == owner_key(reference) for owner in marks.owners)


def _remove_entries(field: str, present: dict[str, str], unwanted: Iterable[str]) -> list[Body]:
    values = {f"/metadata/{field}/{_escape_key(key)}": present[key] for key in unwanted if key in present}
    pairs = [(_test_operation(path, value), {"op": "remove", "path": path}) for path, value in values.items()]
    return [operation for pair in pairs for operation in pair]


def _remove_items(field: str, items: list[Any], chosen: Callable[[Any], bool]) -> list[Body]:
    """Remove from the last entry to the first: no removal may change the index of another."""
    ops: list[Body] = []
    for index in reversed(range(len(items))):
        if chosen(items[index]):
            path = f"/metadata/{field}/{index}"
            ops += [_test_operation(path, items[index]), {"op": "remove", "path": path}]
    return ops


def _test_operation(path: str, value: object) -> Body:
    return {"op": "test", "path": path, "value": value}


def _add_operation(path: str, value: object) -> Body:
    return {"op": "add", "path": path, "value": value}


def _escape_key(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
