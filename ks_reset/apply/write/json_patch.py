"""From marks to a JSON Patch whose `test` operations refuse to touch anything but what was meant.

A strategic merge patch with `ownerReferences: []` or `finalizers: []` changes nothing and says nothing
(patchStrategy=merge in ObjectMeta, Kubernetes v1.24, apimachinery/pkg/apis/meta/v1/types.go), so it is never sent.
"""

from collections.abc import Callable, Iterable
from typing import Any

from ks_reset.facts.controllers import REPLICAS
from ks_reset.model import Body, Gift, Marks, Obj, group_of


def strip(obj: Obj, marks: Marks) -> list[Body]:
    """Operations that take the marks off, each entry tested before it is removed; [] if none is left."""
    meta = obj.meta
    ops = [op for key in marks.labels if key in obj.labels for op in _entry("labels", key, obj.labels[key])]
    ops += [
        op for k in marks.annotations if k in obj.annotations for op in _entry("annotations", k, obj.annotations[k])
    ]
    ops += _items("finalizers", meta.get("finalizers") or [], lambda f: f in marks.finalizers)
    ops += _items("ownerReferences", meta.get("ownerReferences") or [], lambda r: _marked(r, marks))
    return [_test("/metadata/uid", obj.uid), *ops] if ops else []


def mark(obj: Obj, gift: Gift) -> list[Body]:
    """Operations that put on what is missing of a gift, on the very object that was read; [] if nothing is."""
    ops = _entries("labels", obj.labels, gift.labels) + _entries("annotations", obj.annotations, gift.annotations)
    ops += _more("finalizers", obj.finalizers, gift.finalizers, lambda f: f)
    ops += _more("ownerReferences", obj.meta.get("ownerReferences") or [], gift.owners, lambda o: o["uid"])
    version = _test("/metadata/resourceVersion", obj.meta.get("resourceVersion", ""))
    return [_test("/metadata/uid", obj.uid), version, *ops] if ops else []


def scale(obj: Obj, replicas: int) -> list[Body]:
    """Operations that set spec.replicas, keeping the earlier count in an annotation, or taking that off again.

    One that is stopped already is noted as such, so that whoever starts it later knows. [] if nothing is left to do.
    """
    now = obj.spec.get("replicas", 1)
    if now == replicas and (replicas == 0) == (REPLICAS in obj.annotations):
        return []
    ops = [_test("/metadata/uid", obj.uid), _test("/spec/replicas", now), _put("/spec/replicas", replicas)]
    if replicas == 0:
        if not obj.annotations:
            ops.append(_put("/metadata/annotations", {}))
        return [*ops, _put(f"/metadata/annotations/{_escape(REPLICAS)}", str(now))]
    if REPLICAS in obj.annotations:
        ops.append({"op": "remove", "path": f"/metadata/annotations/{_escape(REPLICAS)}"})
    return ops


def _entries(field: str, there: dict[str, str], given: dict[str, str]) -> list[Body]:
    missing = {k: v for k, v in given.items() if there.get(k) != v}
    made = [_put(f"/metadata/{field}", {})] if missing and not there else []
    return made + [_put(f"/metadata/{field}/{_escape(k)}", v) for k, v in missing.items()]


def _more(field: str, there: list[Any], given: Iterable[Any], key: Callable[[Any], object]) -> list[Body]:
    known = [key(each) for each in there]
    missing = [each for each in given if key(each) not in known]
    made = [_put(f"/metadata/{field}", [])] if missing and not there else []
    return made + [_put(f"/metadata/{field}/-", each) for each in missing]


def _marked(reference: Body, marks: Marks) -> bool:
    return any(
        (o.group, o.kind, o.name) == (group_of(reference["apiVersion"]), reference["kind"], reference["name"])
        for o in marks.owners
    )


def _entry(field: str, key: str, value: str) -> list[Body]:
    path = f"/metadata/{field}/{_escape(key)}"
    return [_test(path, value), {"op": "remove", "path": path}]


def _items(field: str, items: list[Any], chosen: Callable[[Any], bool]) -> list[Body]:
    """From the last to the first, so that no removal moves an entry still to be removed."""
    ops: list[Body] = []
    for index in reversed(range(len(items))):
        if chosen(items[index]):
            path = f"/metadata/{field}/{index}"
            ops += [_test(path, items[index]), {"op": "remove", "path": path}]
    return ops


def _test(path: str, value: object) -> Body:
    return {"op": "test", "path": path, "value": value}


def _put(path: str, value: object) -> Body:
    return {"op": "add", "path": path, "value": value}


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
