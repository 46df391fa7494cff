"""JSON Patch (RFC 6902: test, add, replace, remove) and JSON merge patch (RFC 7386); what is given stays as it is."""

import copy
from typing import Any

from ks_reset.model import Body


def json_patched(body: Body, operations: list[Body]) -> Body | None:
    """The body after all operations; None if one of them does not fit."""
    now = copy.deepcopy(body)
    try:
        for each in operations:
            _operate(now, each)
    except (KeyError, IndexError, ValueError, TypeError):
        return None
    return now


def merge_patched(body: Any, change: Any) -> Any:
    """The body after a merge patch."""
    if not isinstance(change, dict):
        return change
    now = dict(body) if isinstance(body, dict) else {}
    for key, value in change.items():
        if value is None:
            now.pop(key, None)
        else:
            now[key] = merge_patched(now.get(key), value)
    return now


def _operate(body: Body, operation: Body) -> None:
    *path, last = [part.replace("~1", "/").replace("~0", "~") for part in operation["path"].split("/")[1:]]
    at: Any = body
    for part in path:
        at = at[int(part)] if isinstance(at, list) else at[part]
    if isinstance(at, list):
        _operate_on_list(at, last, operation)
    elif operation["op"] == "remove":
        del at[last]
    elif operation["op"] == "test":
        _require(at.get(last) == operation["value"])
    else:
        _require(operation["op"] == "add" or last in at)
        at[last] = operation["value"]


def _operate_on_list(at: list[Any], last: str, operation: Body) -> None:
    if operation["op"] == "add":
        at.insert(len(at) if last == "-" else int(last), operation["value"])
    elif operation["op"] == "remove":
        del at[int(last)]
    elif operation["op"] == "test":
        _require(at[int(last)] == operation["value"])
    else:
        at[int(last)] = operation["value"]


def _require(fits: bool) -> None:
    if not fits:
        raise ValueError
