"""Create and add-marks actions in the simulation."""

import pytest

from ks_reset.errors import Refused
from ks_reset.model import AddMarks, Create, Delete, Kind, Marks, Material, Plan, RemoveMarks, Request
from ks_reset.simulation import State, foresee_consequences, refuse_losses
from ks_reset.simulation.actions import apply_action
from tests.build import facts
from tests.simulation.test_edge_cases import place

NAMESPACE = Kind("", "v1", "Namespace", "namespaces", False)
TIED = {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace", "name": "ws1", "uid": "w"}


def test_a_created_object_has_a_new_uid_and_a_created_controller_runs() -> None:
    state = State.of(facts([]))
    body = {"metadata": {"name": "shop", "labels": {"a": "b"}}}
    after, move = apply_action(state, Create("s", "uid-of-host", NAMESPACE, "shop", body=body))
    made = after.objects[place("Namespace", "shop")]
    assert (made.uid != "", made.label_value("a"), move and move.deed) == (True, "b", "makes")
    assert apply_action(after, Create("s", "uid-of-host", NAMESPACE, "shop", body=body)) == (after, None)
    kind = Kind("apps", "v1", "Deployment", "deployments", True)
    spec = {"replicas": 1, "template": {"spec": {"containers": [{"image": "kubesphere/kubefed:v0.8.1"}]}}}
    meta = {
        "name": "kubefed-controller-manager",
        "namespace": "kube-federation-system",
        "labels": {"kubefed-control-plane": "controller-manager"},
    }
    where = (meta["name"], meta["namespace"])
    for count in (0, 1):
        whole = {"metadata": meta, "spec": {**spec, "replicas": count}}
        runs = apply_action(state, Create("s", "uid-of-host", kind, *where, body=whole))[0].alive
        assert len(runs) == count


def test_adding_marks_adds_labels_finalizers_and_owners() -> None:
    state = State.of(facts([{"kind": "Namespace", "metadata": {"name": "shop", "finalizers": ["f"]}}]))
    gift = Marks(labels={"a": "b"}, finalizers=("f", "g"), owners=(TIED,))
    after, _ = apply_action(state, AddMarks("s", "uid-of-host", NAMESPACE, "shop", marks=gift))
    made = after.objects[place("Namespace", "shop")]
    assert (made.label_value("a"), (made.finalizers[0], made.finalizers[-1]), [t.uid for t in made.owners]) == (
        "b",
        ("f", "g"),
        ["w"],
    )


def test_a_create_refused_by_the_api_server_is_reported_before_anything_is_sent() -> None:
    hook = {
        "name": "h.example.com",
        "clientConfig": {"service": {"namespace": "x", "name": "gone"}},
        "rules": [{"apiGroups": [""], "apiVersions": ["*"], "operations": ["CREATE"], "resources": ["namespaces"]}],
    }
    about = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration"}
    known = facts([about | {"metadata": {"name": "h"}, "webhooks": [hook]}])
    action = Create("s", "uid-of-host", NAMESPACE, "shop", body={"metadata": {"name": "shop"}})
    plan = Plan(6, "", "", "mine", "fleet", Request(), Material(), ("s",), (), (action,))
    with pytest.raises(Refused, match="the API server would refuse to change Namespace shop"):
        refuse_losses(plan, foresee_consequences(plan, known))


@pytest.mark.parametrize("contents", [False, True], ids=["emptied", "with contents"])
def test_the_end_of_a_deletion_is_no_loss_unless_the_namespace_has_contents(contents: bool) -> None:
    hold = "finalizers.kubesphere.io/namespaces"
    meta = {"name": "shop", "uid": "u", "deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": [hold]}
    inside = [{"kind": "ConfigMap", "metadata": {"name": "x", "namespace": "shop"}}] if contents else []
    known = facts([{"kind": "Namespace", "metadata": meta, "spec": {}}, *inside])
    release = RemoveMarks("s", "uid-of-host", NAMESPACE, "shop", uid="u", marks=Marks(finalizers=(hold,)))
    plan = Plan(6, "", "", "mine", "fleet", Request(), Material(), ("s",), (), (release,))
    losses = [c for c in foresee_consequences(plan, known) if c.is_users and c.effect.fate.value == "deleted"]
    assert [c.effect.object for c in losses] == (["Namespace shop"] if contents else [])


def test_objects_created_and_deleted_by_the_plan_are_no_loss() -> None:
    known, body = facts([]), {"metadata": {"name": "canary"}}
    made = Create("s", "uid-of-host", NAMESPACE, "canary", body=body)
    inside = {"metadata": {"name": "x", "namespace": "canary"}}
    config = Create("s", "uid-of-host", Kind("", "v1", "ConfigMap", "configmaps", True), "x", "canary", body=inside)
    gone = Delete("t", "uid-of-host", NAMESPACE, "canary")
    plan = Plan(6, "", "", "mine", "fleet", Request(), Material(), ("s", "t"), (), (made, config, gone))
    found = foresee_consequences(plan, known)
    assert [(each.effect.object, each.effect.fate.value, each.is_users) for each in found] == [
        ("ConfigMap canary/x", "deleted", False)
    ]
