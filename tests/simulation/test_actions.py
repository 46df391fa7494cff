"""The simulation of creating actions and added marks."""

import pytest

from ks_reset.errors import Refused
from ks_reset.model import Action, Gift, Kind, Options, Plan, Verb
from ks_reset.simulation import State, foresee, harmless
from ks_reset.simulation.actions import act
from tests.build import facts
from tests.simulation.test_edge_cases import place

NAMESPACE = Kind("", "v1", "Namespace", "namespaces", False)
TIED = {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace", "name": "ws1", "uid": "w"}


def test_what_is_made_is_there_with_a_uid_of_its_own_and_a_controller_that_is_made_runs() -> None:
    state = State.of(facts([]))
    body = {"metadata": {"name": "shop", "labels": {"a": "b"}}}
    after, move = act(state, Action("s", "uid-of-host", Verb.CREATE, NAMESPACE, "shop", body=body))
    made = after.things[place("Namespace", "shop")]
    assert (made.uid != "", made.label("a"), move and move.deed) == (True, "b", "makes")
    assert act(after, Action("s", "uid-of-host", Verb.CREATE, NAMESPACE, "shop", body=body)) == (after, None)
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
        runs = act(state, Action("s", "uid-of-host", Verb.CREATE, kind, *where, body=whole))[0].alive
        assert len(runs) == count


def test_a_mark_puts_on_labels_finalizers_and_owners() -> None:
    state = State.of(facts([{"kind": "Namespace", "metadata": {"name": "shop", "finalizers": ["f"]}}]))
    gift = Gift(labels={"a": "b"}, finalizers=("f", "g"), owners=(TIED,))
    after, _ = act(state, Action("s", "uid-of-host", Verb.MARK, NAMESPACE, "shop", gift=gift))
    made = after.things[place("Namespace", "shop")]
    assert (made.label("a"), (made.finalizers[0], made.finalizers[-1]), [t.uid for t in made.owners]) == (
        "b",
        ("f", "g"),
        ["w"],
    )


def test_what_the_api_server_would_not_make_is_told_before_anything_is_sent() -> None:
    hook = {
        "name": "h.example.com",
        "clientConfig": {"service": {"namespace": "x", "name": "gone"}},
        "rules": [{"apiGroups": [""], "apiVersions": ["*"], "operations": ["CREATE"], "resources": ["namespaces"]}],
    }
    about = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration"}
    known = facts([about | {"metadata": {"name": "h"}, "webhooks": [hook]}])
    action = Action("s", "uid-of-host", Verb.CREATE, NAMESPACE, "shop", body={"metadata": {"name": "shop"}})
    plan = Plan(5, "", "", "mine", "fleet", Options(), ("s",), (), (action,))
    with pytest.raises(Refused, match="the API server would refuse to change Namespace shop"):
        harmless(plan, foresee(plan, known))


def test_what_the_plan_itself_makes_and_takes_away_again_is_nobodys_loss() -> None:
    known, body = facts([]), {"metadata": {"name": "canary"}}
    made = Action("s", "uid-of-host", Verb.CREATE, NAMESPACE, "canary", body=body)
    inside = {"metadata": {"name": "x", "namespace": "canary"}}
    config = Action(
        "s", "uid-of-host", Verb.CREATE, Kind("", "v1", "ConfigMap", "configmaps", True), "x", "canary", body=inside
    )
    gone = Action("t", "uid-of-host", Verb.DELETE, NAMESPACE, "canary")
    plan = Plan(5, "", "", "mine", "fleet", Options(), ("s", "t"), (), (made, config, gone))
    consequences = foresee(plan, known)
    assert [(c.effect.object, c.effect.fate.value, c.protected) for c in consequences] == [
        ("ConfigMap canary/x", "deleted", False)
    ]
