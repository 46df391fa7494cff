"""Guards of added marks, with their whole text: no value of others is overwritten, and no absent owner is given."""

from typing import Any

import pytest

from ks_reset.errors import Refused
from ks_reset.guards import GuardContext, not_overwritten, owner_lives
from ks_reset.model import AddMarks, Marks, Obj
from tests import build
from tests.build import body_of, cluster, kind_of
from tests.guards.test_guards import OWNER, WORKSPACE

SHOP: dict[str, Any] = {"kind": "Namespace", "metadata": {"name": "shop"}}


def refusal(guard: Any, marks: Marks, *around: dict[str, Any], **meta: Any) -> str:
    """The whole message; empty if the guard lets the action pass."""
    row = {**SHOP, "metadata": {**SHOP["metadata"], **meta}}
    now = Obj(kind_of(row), body_of(row))
    action = build.action(AddMarks, "uid-of-host", now.kind, now.name, uid=now.uid, marks=marks)
    try:
        guard(action, now, GuardContext(cluster("host", list(around)), "uid-of-host", frozenset()))
    except Refused as error:
        return str(error)
    return ""


@pytest.mark.parametrize("field", ["labels", "annotations"])
def test_a_value_of_somebody_else_is_not_overwritten(field: str) -> None:
    marks = Marks(**{field: {"team": "a"}})
    assert refusal(not_overwritten.guard, marks, **{field: {"team": "b"}}) == (
        "Refused to mark Namespace shop with team=a: its value is b now. Nothing was sent. Find out who changed it, "
        "then make a new plan: ks-reset plan uninstall --out plan.json."
    )
    assert refusal(not_overwritten.guard, marks, **{field: {"team": "a", "other": "b"}}) == ""
    assert refusal(not_overwritten.guard, marks) == ""


def test_no_absent_or_dying_owner_is_given() -> None:
    said = (
        "Refused to mark Namespace shop: its owner Workspace ws1 with UID uid-of-Workspace--ws1 is gone or being "
        "deleted; garbage collection would delete its dependents. Nothing was sent. Make a new plan: "
        "ks-reset plan uninstall --out plan.json."
    )
    marks = Marks(owners=(OWNER,))
    dying = {**WORKSPACE, "metadata": {"name": "ws1", "deletionTimestamp": "now"}}
    assert refusal(owner_lives.guard, marks) == said
    assert refusal(owner_lives.guard, marks, dying) == said
    assert refusal(owner_lives.guard, marks, WORKSPACE) == ""
    absent = {**OWNER, "name": "ws2", "uid": "another"}
    assert "ws2" in refusal(owner_lives.guard, Marks(owners=(OWNER, absent)), WORKSPACE)
