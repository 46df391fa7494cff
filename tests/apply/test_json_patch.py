"""The patches that ks-reset sends: exactly the marks go, and each is tested first."""

import copy
from typing import Any

import jsonpatch
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ks_reset import catalogue
from ks_reset.apply.write.json_patch import mark, scale, strip
from ks_reset.model import Gift, Kind, Marks, Obj

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
def test_strip_takes_off_every_mark_and_nothing_else(body: dict[str, Any]) -> None:
    obj = Obj(NAMESPACE, body)
    patched = jsonpatch.apply_patch(copy.deepcopy(body), strip(obj, catalogue.marks(obj)))
    assert not catalogue.marks(Obj(NAMESPACE, patched))
    for field in ("labels", "annotations"):
        kept = {k: v for k, v in body["metadata"][field].items() if "kube" not in k.partition("/")[0] or "not" in k}
        assert {k: v for k, v in patched["metadata"][field].items() if k in kept} == {
            k: v for k, v in kept.items() if not catalogue.own_key(k)
        }
    users = [o for o in body["metadata"]["ownerReferences"] if o["apiVersion"] == "example.com/v1"]
    assert patched["metadata"]["ownerReferences"] == users
    assert patched["spec"] == body["spec"]


@given(namespaces())
def test_a_patch_is_refused_by_an_object_that_changed_in_between(body: dict[str, Any]) -> None:
    obj = Obj(NAMESPACE, body)
    ops = strip(obj, catalogue.marks(obj))
    other = copy.deepcopy(body)
    other["metadata"]["uid"] = "another"
    if ops:
        with pytest.raises(jsonpatch.JsonPatchTestFailed):
            jsonpatch.apply_patch(other, ops)


def test_nothing_to_strip_sends_nothing() -> None:
    assert strip(Obj(NAMESPACE, {"metadata": {"name": "a", "uid": "u"}}), Marks(labels=("kubesphere.io/x",))) == []


def test_scaling_down_remembers_the_replicas_and_scaling_up_forgets_them() -> None:
    body = {"metadata": {"name": "d", "uid": "u"}, "spec": {"replicas": 3}}
    down = jsonpatch.apply_patch(body, scale(Obj(DEPLOYMENT, body), 0))
    assert (down["spec"]["replicas"], down["metadata"]["annotations"]) == (0, {"ks-reset/replicas": "3"})
    up = jsonpatch.apply_patch(down, scale(Obj(DEPLOYMENT, down), 3))
    assert (up["spec"]["replicas"], up["metadata"]["annotations"]) == (3, {})
    assert scale(Obj(DEPLOYMENT, up), 3) == []


@given(namespaces(), st.dictionaries(st.one_of(OWN, USERS), st.just("w"), max_size=3), KEYS)
def test_mark_puts_on_what_is_missing_keeps_the_rest_and_is_nothing_when_all_is_there(
    body: dict[str, Any], labels: dict[str, str], finalizers: list[str]
) -> None:
    owner = {"apiVersion": "v1", "kind": "Namespace", "name": "o", "uid": "o"}
    gift = Gift(labels=labels, annotations=labels, finalizers=tuple(finalizers), owners=(owner,))
    patched = jsonpatch.apply_patch(copy.deepcopy(body), _without_version(mark(Obj(NAMESPACE, body), gift)))
    meta, was = patched["metadata"], body["metadata"]
    for field in ("labels", "annotations"):
        assert meta[field] == {**was[field], **labels}
    assert meta["finalizers"] == [*was["finalizers"], *(f for f in finalizers if f not in was["finalizers"])]
    assert meta["ownerReferences"] == [*was["ownerReferences"], owner]
    assert mark(Obj(NAMESPACE, patched), gift) == []


def _without_version(ops: list[dict[str, Any]]) -> list[dict[str, Any]]:
    assert {"op": "test", "path": "/metadata/resourceVersion", "value": ""} in ops
    return [op for op in ops if op["path"] != "/metadata/resourceVersion"]


def test_mark_on_an_object_without_any_metadata_maps_makes_them() -> None:
    body = {"metadata": {"name": "shop", "uid": "u", "resourceVersion": "7"}}
    ops = mark(Obj(NAMESPACE, body), Gift(labels={"kubesphere.io/workspace": "ws1"}, finalizers=("f",)))
    assert jsonpatch.apply_patch(body, ops)["metadata"] | body["metadata"] == body["metadata"] | {
        "labels": {"kubesphere.io/workspace": "ws1"},
        "finalizers": ["f"],
    }
