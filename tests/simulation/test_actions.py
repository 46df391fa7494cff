"""Create and add-marks actions in the simulation."""

import pytest

from ks_reset.errors import Refused
from ks_reset.model import (
    AddMarks,
    Create,
    Delete,
    Kind,
    Marks,
    Material,
    Obj,
    Plan,
    RemoveMarks,
    Request,
    StopConversion,
)
from ks_reset.simulation import State, foresee_consequences, refuse_losses
from ks_reset.simulation.actions import apply_action
from tests import build
from tests.build import Rows, facts
from tests.simulation.test_edge_cases import BIG, place

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


def test_a_conversion_is_stopped_once_and_the_rest_of_its_type_stays() -> None:
    service = {"service": {"namespace": "x", "name": "y"}}
    spec = {**BIG["spec"], "conversion": {"strategy": "Webhook", "webhook": {"clientConfig": service}}}
    state = State.of(facts([{**BIG, "spec": spec}]))
    (crd,) = state.objects.values()
    stop = build.action(StopConversion, "uid-of-host", crd.kind, crd.id.name, uid=crd.uid)
    after, move = apply_action(state, stop)
    stopped = {**crd.obj.body, "spec": {**spec, "conversion": {"strategy": "None"}}}
    assert after.objects[crd.id].obj == Obj(crd.kind, stopped)
    assert move
    assert (move.deed, move.place, move.after, move.refused) == ("changes", crd.id, after.objects[crd.id], "")
    assert apply_action(after, stop) == (after, None), "no webhook converts its objects any more"
    other = build.action(StopConversion, "uid-of-host", crd.kind, crd.id.name, uid="another")
    assert apply_action(state, other) == (state, None)


def test_a_conversion_stays_where_a_webhook_refuses_the_change() -> None:
    service = {"service": {"namespace": "x", "name": "y"}}
    spec = {**BIG["spec"], "conversion": {"strategy": "Webhook", "webhook": {"clientConfig": service}}}
    rule = {"apiGroups": ["apiextensions.k8s.io"], "operations": ["UPDATE"], "resources": ["*"]}
    hook = {"name": "h.example.com", "clientConfig": {"service": {"namespace": "x", "name": "gone"}}, "rules": [rule]}
    about = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration"}
    state = State.of(facts([{**BIG, "spec": spec}, about | {"metadata": {"name": "h"}, "webhooks": [hook]}]))
    crd = next(subject for subject in state.objects.values() if subject.id.name == "bigs.example.com")
    after, move = apply_action(state, build.action(StopConversion, "uid-of-host", crd.kind, crd.id.name))
    assert after == state
    assert move
    assert "no backend that answers" in move.refused


def _losses(rows: Rows, action: Delete, request: Request) -> list[str]:
    plan = Plan(6, "", "", "mine", "fleet", request, Material(), ("s",), (), (action,))
    return [each.effect.object for each in foresee_consequences(plan, facts(rows)) if each.is_users]


@pytest.mark.parametrize("labels", [{"ks-reset/canary": "ws1"}, {}], ids=["a canary", "no canary"])
def test_what_is_in_a_canary_is_no_loss_of_users(labels: dict[str, str]) -> None:
    home = {"kind": "Namespace", "metadata": {"name": "ks-reset-canary-ws1", "labels": labels}}
    inside = {"kind": "ConfigMap", "metadata": {"name": "x", "namespace": "ks-reset-canary-ws1"}}
    lost = _losses([home, inside], Delete("s", "uid-of-host", NAMESPACE, "ks-reset-canary-ws1"), Request())
    assert lost == ([] if labels else ["ConfigMap ks-reset-canary-ws1/x"])


@pytest.mark.parametrize("data", [(), ("kubesphere-system",)], ids=["kept", "given up"])
def test_a_volume_is_given_up_with_the_data_of_its_claim(data: tuple[str, ...]) -> None:
    meta = {"name": "data", "namespace": "kubesphere-system", "uid": "c"}
    claim = {"kind": "PersistentVolumeClaim", "metadata": meta}
    bound = {"namespace": "kubesphere-system", "name": "data", "uid": "c"}
    spec = {"persistentVolumeReclaimPolicy": "Delete", "claimRef": bound}
    volume = {"kind": "PersistentVolume", "metadata": {"name": "v"}, "spec": spec}
    claims = Kind("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", True)
    action = Delete("s", "uid-of-host", claims, "data", "kubesphere-system", "c")
    assert _losses([claim, volume], action, Request(data=data)) == ([] if data else ["PersistentVolume v"])


@pytest.mark.parametrize("discard", [(), ("Widget.odd.kubesphere.io/kubesphere-system/one",)], ids=["kept", "given up"])
def test_an_object_of_a_kept_type_is_given_up_by_name(discard: tuple[str, ...]) -> None:
    home = {"kind": "Namespace", "metadata": {"name": "kubesphere-system"}}
    about = {"apiVersion": "odd.kubesphere.io/v1", "kind": "Widget"}
    widget = about | {"metadata": {"name": "one", "namespace": "kubesphere-system"}}
    request = Request(kept_types=("widgets.odd.kubesphere.io",), discard=discard)
    lost = _losses([home, widget], Delete("s", "uid-of-host", NAMESPACE, "kubesphere-system"), request)
    assert lost == ([] if discard else ["Widget.odd.kubesphere.io kubesphere-system/one"])
