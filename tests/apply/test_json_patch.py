"""JSON patches: exactly the listed marks change, each after a test operation."""

import copy
from typing import Any

import jsonpatch
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ks_reset import catalogue
from ks_reset.apply.write.json_patch import operations_to_add, operations_to_remove, operations_to_scale
from ks_reset.model import Kind, Marks, Obj

NAMESPACE = Kind("", "v1", "Namespace", "namespaces", False)
DEPLOYMENT = Kind("apps", "v1", "Deployment", "deployments", True)
OWN = st.sampled_from(["kubesphere.io/a", "iam.kubesphere.io/b~c", "kubefed.io/managed", "finalizers.kubesphere.io/x"])
USERS = st.sampled_from(["team", "example.com/a", "notkubesphere.io/x", "app.kubernetes.io/name"])
KEYS = st.lists(st.one_of(OWN, USERS), unique=True, max_size=6)
GROUPS = st.sampled_from(["tenant.kubesphere.io/v1alpha1", "example.com/v1"])


@st.composite
def namespaces(draw: st.DrawFn) -> dict[str, Any]:
    owners = [
        {"apiVersion": group, "kind": "Workspace", "name": f"w{i}", "uid": f"u{i}"}
        for i, group in enumerate(draw(st.lists(GROUPS, max_size=4)))
    ]
    meta = {"name": "shop", "uid": "u", "finalizers": draw(KEYS), "ownerReferences": owners}
    meta |= {field: dict.fromkeys(draw(KEYS), "v") for field in ("labels", "annotations")}
    return {"metadata": meta, "spec": {"finalizers": ["kubernetes"]}}


@given(namespaces())
def test_removing_marks_removes_every_mark_and_nothing_else(body: dict[str, Any]) -> None:
    obj = Obj(NAMESPACE, body)
    patched = jsonpatch.apply_patch(copy.deepcopy(body), operations_to_remove(obj, catalogue.removable_marks(obj)))
    assert not catalogue.removable_marks(Obj(NAMESPACE, patched))
    for field in ("labels", "annotations"):
        kept = {k: v for k, v in body["metadata"][field].items() if "kube" not in k.partition("/")[0] or "not" in k}
        assert {k: v for k, v in patched["metadata"][field].items() if k in kept} == {
            k: v for k, v in kept.items() if not catalogue.is_own_key(k)
        }
    users = [o for o in body["metadata"]["ownerReferences"] if o["apiVersion"] == "example.com/v1"]
    assert patched["metadata"]["ownerReferences"] == users
    assert patched["spec"] == body["spec"]


@given(namespaces())
def test_a_patch_is_refused_by_an_object_that_changed_in_between(body: dict[str, Any]) -> None:
    obj = Obj(NAMESPACE, body)
    ops = operations_to_remove(obj, catalogue.removable_marks(obj))
    other = copy.deepcopy(body)
    other["metadata"]["uid"] = "another"
    if ops:
        with pytest.raises(jsonpatch.JsonPatchTestFailed):
            jsonpatch.apply_patch(other, ops)


def test_without_marks_to_remove_nothing_is_sent() -> None:
    assert (
        operations_to_remove(
            Obj(NAMESPACE, {"metadata": {"name": "a", "uid": "u"}}), Marks(labels={"kubesphere.io/x": ""})
        )
        == []
    )


def test_scaling_down_records_the_replicas_and_scaling_up_removes_the_record() -> None:
    body = {"metadata": {"name": "d", "uid": "u"}, "spec": {"replicas": 3}}
    down = jsonpatch.apply_patch(body, operations_to_scale(Obj(DEPLOYMENT, body), 0))
    assert (down["spec"]["replicas"], down["metadata"]["annotations"]) == (0, {"ks-reset/replicas": "3"})
    up = jsonpatch.apply_patch(down, operations_to_scale(Obj(DEPLOYMENT, down), 3))
    assert (up["spec"]["replicas"], up["metadata"]["annotations"]) == (3, {})
    assert operations_to_scale(Obj(DEPLOYMENT, up), 3) == []


@given(namespaces(), st.dictionaries(st.one_of(OWN, USERS), st.just("w"), max_size=3), KEYS)
def test_adding_marks_adds_missing_ones_and_sends_nothing_if_all_exist(
    body: dict[str, Any], labels: dict[str, str], finalizers: list[str]
) -> None:
    owner = {"apiVersion": "v1", "kind": "Namespace", "name": "o", "uid": "o"}
    gift = Marks(labels=labels, annotations=labels, finalizers=tuple(finalizers), owners=(owner,))
    patched = jsonpatch.apply_patch(
        copy.deepcopy(body), _without_version(operations_to_add(Obj(NAMESPACE, body), gift))
    )
    meta, was = patched["metadata"], body["metadata"]
    for field in ("labels", "annotations"):
        assert meta[field] == {**was[field], **labels}
    assert meta["finalizers"] == [*was["finalizers"], *(f for f in finalizers if f not in was["finalizers"])]
    assert meta["ownerReferences"] == [*was["ownerReferences"], owner]
    assert operations_to_add(Obj(NAMESPACE, patched), gift) == []


def _without_version(ops: list[dict[str, Any]]) -> list[dict[str, Any]]:
    assert {"op": "test", "path": "/metadata/resourceVersion", "value": ""} in ops
    return [op for op in ops if op["path"] != "/metadata/resourceVersion"]


def test_adding_marks_creates_missing_metadata_maps() -> None:
    body = {"metadata": {"name": "shop", "uid": "u", "resourceVersion": "7"}}
    ops = operations_to_add(Obj(NAMESPACE, body), Marks(labels={"kubesphere.io/workspace": "ws1"}, finalizers=("f",)))
    assert jsonpatch.apply_patch(body, ops)["metadata"] | body["metadata"] == body["metadata"] | {
        "labels": {"kubesphere.io/workspace": "ws1"},
        "finalizers": ["f"],
    }
