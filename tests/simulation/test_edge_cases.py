"""Edge cases of the simulation without a case file."""

from typing import Any

import pytest

from ks_reset.catalogue.ownership import is_users
from ks_reset.errors import Usage
from ks_reset.model import Delete, Kind, Scale, SeatbeltOff, SeatbeltOn, Target, WaitQuiet
from ks_reset.simulation import State, blockers_of
from ks_reset.simulation.actions import apply_action
from ks_reset.simulation.api_server import after_deletion, reason_refused
from ks_reset.simulation.events import apply_event, install_types
from ks_reset.simulation.objects import Id, OwnerRef
from ks_reset.simulation.placement import cluster_records, type_configs
from tests import build
from tests.build import facts
from tests.interleavings.small import Small
from tests.shorthand import expand_object

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
    assert state.served_kind("uid-of-host", "Big.example.com") == Kind("example.com", "v1beta1", "Big", "bigs", True)
    assert state.with_changes([(crd, None)]).served_kind("uid-of-host", "Big.example.com") is None
    assert state.served_kind("uid-of-host", "Small.example.com") is None


def test_a_reinstall_brings_the_workspace_type_to_every_cluster() -> None:
    state = install_types(State.of(Small(workspace="gone", stale=False, member=False).facts()))
    kind = state.served_kind("uid-of-host", "Workspace.tenant.kubesphere.io")
    assert kind == Kind("tenant.kubesphere.io", "v1alpha1", "Workspace", "workspaces", False)
    made = state.objects[place("CustomResourceDefinition.apiextensions.k8s.io", "workspaces.tenant.kubesphere.io")]
    assert made.uid == f"a new {made.id.title} of uid-of-host"
    assert install_types(state) == state


def test_a_new_uid_is_used_by_no_object_and_no_owner_reference() -> None:
    state = State.of(Small().facts())
    shop = state.objects[place("Namespace", "shop")]
    where = place("Workspace.tenant.kubesphere.io", "ws1")
    assert state.fresh_uid(where) == "uid-of-Workspace--ws1+1"
    named = state.with_changes(
        [(shop.id, shop.with_fields(owners=(OwnerRef(where.key, "ws1", "uid-of-Workspace--ws1+1", True),)))]
    )
    assert named.fresh_uid(where) == "uid-of-Workspace--ws1+2"
    had = state.with_changes([(where, state.objects[where].with_fields(uid="uid-of-Workspace--ws1+1"))])
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
        apply_event(state, next(iter(state.objects.values())), event)
    assert said in str(refused.value)


def test_a_template_is_enough_for_a_namespace_to_be_added_to_its_workspace() -> None:
    template = {"apiVersion": "tenant.kubesphere.io/v1alpha2", "kind": "WorkspaceTemplate", "metadata": {"name": "ws1"}}
    state = State.of(facts([template], {"eu": [{"kind": "Namespace", "metadata": {"name": "shop"}}]}))
    shop = state.objects[place("Namespace", "shop", cluster="eu")]
    after, (move,) = apply_event(state, shop, "added to workspace ws1")
    assert after.objects[shop.id].label_value("kubesphere.io/workspace") == "ws1"
    assert move.after == after.objects[shop.id]
    with pytest.raises(Usage, match="no Workspace ws2"):
        apply_event(state, shop, "added to workspace ws2")


def test_a_deletion_the_seatbelt_denies_is_an_event_without_effect() -> None:
    state = State.of(facts([{"kind": "Namespace", "metadata": {"name": "shop"}}]))
    belted, shop = state.with_seatbelt_on(frozenset({"uid-of-host"})), place("Namespace", "shop")
    after, (move,) = apply_event(belted, belted.objects[shop], "deleted")
    assert (after, move.refused, move.after) == (belted, "the seatbelt is on", belted.objects[shop])
    assert apply_event(state, state.objects[shop], "deleted")[1][0].refused == ""


def action(state: State, where: Id, verb: type[Target], **more: Any) -> Any:
    thing = state.objects[where]
    where_it_is = {"namespace": where.namespace, "uid": thing.uid}
    return build.action(verb, where.cluster, thing.kind, where.name, **where_it_is, **more)


def test_starting_stopping_and_quiet_change_the_process() -> None:
    state = State.of(Small(kubefed=True).facts())
    where = place("Deployment.apps", "kubefed-controller-manager", "kube-federation-system")
    quiet = action(state, where, WaitQuiet)
    assert where in apply_action(state, quiet)[0].alive, "one that is wanted never falls quiet"
    stopped, _ = apply_action(state, action(state, where, Scale, replicas=0))
    assert (stopped.objects[where].replicas, where in stopped.alive) == (0, True)
    still, _ = apply_action(stopped, quiet)
    assert where not in still.alive
    started, move = apply_action(still, action(still, where, Scale, replicas=1))
    assert move
    assert (started.objects[where].replicas, where in started.alive, move.source) == (1, True, "the plan")
    assert where not in apply_action(stopped.with_changes([(where, None)]), quiet)[0].alive
    assert apply_action(still, action(still, where, Scale, replicas=0)) == (still, None)


def test_the_seatbelt_goes_on_and_off_one_cluster() -> None:
    state = State.of(Small(stale=False).facts())
    shop = place("Namespace", "shop")
    on, move = apply_action(state, action(state, shop, SeatbeltOn))
    assert (on.seatbelt_on, move) == (frozenset({"uid-of-host"}), None)
    assert reason_refused(on, on.objects[shop]) == "the seatbelt is on"
    assert reason_refused(on, on.objects[place("Namespace", "kubesphere-system")]) == ""
    assert reason_refused(on, on.objects[shop], "UPDATE") == ""
    assert reason_refused(on, on.objects[place("Namespace", "catalog", cluster="test")]) == ""
    assert apply_action(on, action(on, shop, SeatbeltOff))[0].seatbelt_on == frozenset()
    held = blockers_of(
        on.with_changes([(shop, on.objects[shop].with_fields(finalizers=("a.b/c",), deleting=True))]), on.objects[shop]
    )
    assert held
    refused, done = apply_action(on, action(on, shop, Delete))
    assert done
    assert (refused, done.refused, done.after) == (on, "the seatbelt is on", on.objects[shop])


def test_a_supposed_seatbelt_lets_the_namespaces_of_extensions_go() -> None:
    labels = {"kubesphere.io/extension-ref": "gw", "kubesphere.io/managed": "true"}
    helm = "Secret extension-gw/sh.helm.release.v1.gw.v1 -> deployed"
    for row, refused in (
        ({"Namespace extension-gw": {"labels": labels}}, ""),
        ("Namespace shop", "the seatbelt is on"),
    ):
        state = State.of(facts([expand_object(row), expand_object(helm)])).with_seatbelt_on(frozenset({"uid-of-host"}))
        (namespace,) = state.of_kind("Namespace")
        assert reason_refused(state, namespace) == refused


def test_an_action_on_another_uid_or_on_nothing_is_none() -> None:
    state = State.of(Small().facts())
    shop = action(state, place("Namespace", "shop"), Delete)
    assert apply_action(state.with_changes([(place("Namespace", "shop"), None)]), shop)[1] is None
    other = state.objects[place("Namespace", "shop")].with_fields(uid="another")
    assert apply_action(state.with_changes([(other.id, other)]), shop)[1] is None
    going = state.objects[other.id].with_fields(deleting=True)
    assert apply_action(state.with_changes([(going.id, going)]), shop)[1] is None, "it is being deleted already"


def test_deletion_adds_what_the_policy_asks_for_once() -> None:
    state = State.of(facts([BIG, {"kind": "ConfigMap", "metadata": {"name": "c", "namespace": "a"}}]))
    config, crd = (state.objects[i] for i in (place("ConfigMap", "c", "a"), next(iter(state.objects))))
    assert after_deletion(config) is None
    assert [t.finalizers for p in ("Foreground", "Orphan") if (t := after_deletion(config, p))] == [
        ("foregroundDeletion",),
        ("orphan",),
    ]
    once = after_deletion(crd)
    assert once
    assert once.finalizers == ("customresourcecleanup.apiextensions.k8s.io",)
    twice = after_deletion(once)
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
    assert is_users(next(iter(state.objects.values())).obj, state.facts.host) is expected
