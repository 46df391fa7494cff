"""Edge cases of the simulation without a case file."""

from typing import Any

import pytest

from ks_reset.catalogue.ownership import protected
from ks_reset.errors import Usage
from ks_reset.model import Delete, Kind, Scale, SeatbeltOff, SeatbeltOn, Target, WaitQuiet
from ks_reset.simulation import State, holds, settle
from ks_reset.simulation.actions import act
from ks_reset.simulation.api_server import deleted, refusal
from ks_reset.simulation.events import happen, installed
from ks_reset.simulation.objects import Id, OwnerRef
from ks_reset.simulation.placement import cluster_records, type_configs
from tests import build
from tests.build import facts
from tests.interleavings.small import Small

BIG = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "bigs.example.com"},
    "spec": {
        "group": "example.com",
        "names": {"kind": "Big", "plural": "bigs"},
        "scope": "Namespaced",
        "versions": [{"name": "v1beta1"}, {"name": "v1"}],
    },
}


def place(key: str, name: str, namespace: str = "", cluster: str = "host") -> Id:
    return Id(f"uid-of-{cluster}", key, namespace, name)


def test_a_type_is_served_as_its_crd_says_and_not_without_it() -> None:
    state = State.of(facts([BIG]))
    crd = place("CustomResourceDefinition.apiextensions.k8s.io", "bigs.example.com")
    assert state.kind("uid-of-host", "Big.example.com") == Kind("example.com", "v1beta1", "Big", "bigs", True)
    assert state.put([(crd, None)]).kind("uid-of-host", "Big.example.com") is None
    assert state.kind("uid-of-host", "Small.example.com") is None


def test_a_reinstall_first_brings_the_workspace_type_to_every_cluster() -> None:
    state = installed(State.of(Small(workspace="gone", stale=False, member=False).facts()))
    kind = state.kind("uid-of-host", "Workspace.tenant.kubesphere.io")
    assert kind == Kind("tenant.kubesphere.io", "v1alpha1", "Workspace", "workspaces", False)
    made = state.things[place("CustomResourceDefinition.apiextensions.k8s.io", "workspaces.tenant.kubesphere.io")]
    assert made.uid == "a new CustomResourceDefinition.apiextensions.k8s.io of uid-of-host"
    assert installed(state) == state


def test_a_new_uid_is_used_by_no_object_and_no_owner_reference() -> None:
    state = State.of(Small().facts())
    shop = state.things[place("Namespace", "shop")]
    where = place("Workspace.tenant.kubesphere.io", "ws1")
    assert state.fresh_uid(where) == "uid-of-Workspace--ws1+1"
    named = state.put([(shop.id, shop.but(owners=(OwnerRef(where.key, "ws1", "uid-of-Workspace--ws1+1", True),)))])
    assert named.fresh_uid(where) == "uid-of-Workspace--ws1+2"
    had = state.put([(where, state.things[where].but(uid="uid-of-Workspace--ws1+1"))])
    assert had.fresh_uid(where) == "uid-of-Workspace--ws1+2"
    assert state.fresh_uid(place("ConfigMap", "new", "a")) == "ConfigMap a/new+1"


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("added to Workspace ws1", "is not a Namespace"),
        ("workspace ws9 is deleted", "ws9"),
        ("kubefed restarts", "no Deployment of"),
        ("ks-controller-manager starts", "no Deployment of"),
        ("the sky falls", "There are: nothing"),
    ],
)
def test_an_impossible_event_is_refused(event: str, said: str) -> None:
    state = State.of(facts([{"kind": "ConfigMap", "metadata": {"name": "c", "namespace": "a"}}]))
    with pytest.raises(Usage) as refused:
        happen(state, next(iter(state.things.values())), event)
    assert said in str(refused.value)


def action(state: State, where: Id, verb: type[Target], **more: Any) -> Any:
    thing = state.things[where]
    where_it_is = {"namespace": where.namespace, "uid": thing.uid}
    return build.action(verb, where.cluster, thing.kind, where.name, **where_it_is, **more)


def test_starting_stopping_and_quiet_change_the_process() -> None:
    state = State.of(Small(kubefed=True).facts())
    where = place("Deployment.apps", "kubefed-controller-manager", "kube-federation-system")
    quiet = action(state, where, WaitQuiet)
    assert where in act(state, quiet)[0].alive, "one that is wanted never falls quiet"
    stopped, _ = act(state, action(state, where, Scale, replicas=0))
    assert (stopped.things[where].replicas, where in stopped.alive) == (0, True)
    still, _ = act(stopped, quiet)
    assert where not in still.alive
    started, move = act(still, action(still, where, Scale, replicas=1))
    assert move
    assert (started.things[where].replicas, where in started.alive, move.source) == (1, True, "the plan")
    assert where not in act(stopped.put([(where, None)]), quiet)[0].alive
    assert act(still, action(still, where, Scale, replicas=0)) == (still, None)


def test_the_seatbelt_goes_on_and_off_one_cluster() -> None:
    state = State.of(Small(stale=False).facts())
    shop = place("Namespace", "shop")
    on, move = act(state, action(state, shop, SeatbeltOn))
    assert (on.belted, move) == (frozenset({"uid-of-host"}), None)
    assert refusal(on, on.things[shop]) == "the seatbelt is on"
    assert refusal(on, on.things[place("Namespace", "kubesphere-system")]) == ""
    assert refusal(on, on.things[shop], "UPDATE") == ""
    assert refusal(on, on.things[place("Namespace", "catalog", cluster="test")]) == ""
    assert act(on, action(on, shop, SeatbeltOff))[0].belted == frozenset()
    held = holds(on.put([(shop, on.things[shop].but(finalizers=("a.b/c",), deleting=True))]), on.things[shop])
    assert held
    refused, done = act(on, action(on, shop, Delete))
    assert done
    assert (refused, done.refused, done.after) == (on, "the seatbelt is on", on.things[shop])


def test_an_action_on_another_uid_or_on_nothing_is_none() -> None:
    state = State.of(Small().facts())
    shop = action(state, place("Namespace", "shop"), Delete)
    assert act(state.put([(place("Namespace", "shop"), None)]), shop)[1] is None
    other = state.things[place("Namespace", "shop")].but(uid="another")
    assert act(state.put([(other.id, other)]), shop)[1] is None
    going = state.things[other.id].but(deleting=True)
    assert act(state.put([(going.id, going)]), shop)[1] is None, "it is being deleted already"


def test_deletion_adds_what_the_policy_asks_for_once() -> None:
    state = State.of(facts([BIG, {"kind": "ConfigMap", "metadata": {"name": "c", "namespace": "a"}}]))
    config, crd = (state.things[i] for i in (place("ConfigMap", "c", "a"), next(iter(state.things))))
    assert deleted(config) is None
    assert [t.finalizers for p in ("Foreground", "Orphan") if (t := deleted(config, p))] == [
        ("foregroundDeletion",),
        ("orphan",),
    ]
    once = deleted(crd)
    assert once
    assert once.finalizers == ("customresourcecleanup.apiextensions.k8s.io",)
    twice = deleted(once)
    assert (twice, once.deleting) == (once, True)


def test_types_of_kubefed_are_read_from_their_configs() -> None:
    state = State.of(Small().facts())
    assert [(c.federated, c.target, c.namespaced, c.place.name) for c in type_configs(state)] == [
        ("FederatedWorkspace.types.kubefed.io", "Workspace.tenant.kubesphere.io", False, "workspaces"),
        ("FederatedNamespace.types.kubefed.io", "Namespace", False, "namespaces"),
    ]
    assert [r.id.name for r in cluster_records(state)] == ["host", "test", "produce-trt"]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"kind": "Namespace", "metadata": {"name": "shop"}}, True),
        ({"kind": "Namespace", "metadata": {"name": "kube-system"}}, True),
        ({"kind": "Namespace", "metadata": {"name": "kubesphere-system"}}, False),
        ({"kind": "Secret", "metadata": {"name": "s", "namespace": "shop"}}, True),
        ({"kind": "Secret", "metadata": {"name": "s", "namespace": "kube-federation-system"}}, False),
        ({"kind": "Secret", "metadata": {"name": "kubesphere-system", "namespace": "shop"}}, True),
        ({"kind": "PersistentVolume", "metadata": {"name": "kubesphere-system"}}, True),
        ({"apiVersion": "tenant.kubesphere.io/v1", "kind": "Workspace", "metadata": {"name": "w"}}, False),
        (BIG, True),
        ({**BIG, "spec": {"group": "core.kubefed.io"}}, False),
        ({**BIG, "spec": {}}, True),
    ],
)
def test_what_is_protected(row: dict[str, Any], expected: bool) -> None:
    state = State.of(facts([row]))
    assert protected(next(iter(state.things.values())).obj) is expected


def test_a_refused_deletion_leaves_the_object_and_its_holder() -> None:
    rows: list[dict[str, Any]] = [
        BIG | {"metadata": {"name": "bigs.example.com", "deletionTimestamp": "now"}},
        {"apiVersion": "example.com/v1beta1", "kind": "Big", "metadata": {"name": "x", "namespace": "a"}},
        {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": "h"},
            "webhooks": [
                {
                    "name": "h.example.com",
                    "clientConfig": {"service": {"namespace": "x", "name": "y"}},
                    "rules": [{"apiGroups": ["example.com"], "operations": ["DELETE"], "resources": ["*"]}],
                }
            ],
        },
    ]
    rows[0]["metadata"]["finalizers"] = ["customresourcecleanup.apiextensions.k8s.io"]
    state = State.of(facts(rows))
    story = settle(state)
    assert [(m.place.name, bool(m.refused), m.after) for m in story.moves] == [
        ("x", True, state.things[place("Big.example.com", "x", "a")])
    ]
    assert story.after == state
