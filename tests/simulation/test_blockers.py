"""What the API server itself refuses holds a deletion, with the way past it; conversions and groups without backend."""

from typing import Any

import pytest

from ks_reset.simulation import State
from ks_reset.simulation.blockers import SERVER, Blocker, blockers_of
from ks_reset.simulation.objects import OwnerRef
from tests.build import facts
from tests.shorthand import expand_object
from tests.simulation.test_edge_cases import place
from tests.simulation.test_foresee import DEAD

HOLD = "cranes.example.com/unload"
CONVERTED: dict[str, Any] = {
    "group": "shop.example.com",
    "names": {"kind": "Widget", "plural": "widgets"},
    "conversion": {"strategy": "Webhook", "webhook": {"clientConfig": {"service": {"namespace": "x", "name": "y"}}}},
}


def state_of(*rows: Any) -> State:
    return State.of(facts([expand_object(row) for row in rows]))


def blockers(state: State, key: str, name: str, namespace: str = "") -> list[Blocker]:
    return blockers_of(state, state.objects[place(key, name, namespace)])


def going(name: str, *finalizers: str, **more: Any) -> dict[str, Any]:
    return {name: {"deleted": True, "finalizers": list(finalizers), **more}}


def test_a_claim_under_the_seatbelt_holds_its_namespace_until_protect_off() -> None:
    state = state_of(going("Namespace shop", spec={"finalizers": ["kubernetes"]}), "PersistentVolumeClaim shop/data")
    assert [b.what for b in blockers(state, "Namespace", "shop")] == ["spec.finalizers kubernetes"]
    *_, last = blockers(state.with_seatbelt_on(frozenset({"uid-of-host"})), "Namespace", "shop")
    held = "PersistentVolumeClaim shop/data", "the seatbelt is on"
    assert last == Blocker(*held, SERVER, True, "ks-reset protect off")


def test_a_webhook_without_a_backend_holds_the_release_of_a_finalizer() -> None:
    *_, last = blockers(state_of(DEAD, going("Namespace shop", HOLD)), "Namespace", "shop")
    assert last.what.endswith("of-a-user has failurePolicy Fail and no backend that answers")
    release = "the webhook's backend answers, or its configuration is removed"
    assert last == Blocker("Namespace shop", last.what, SERVER, True, release)


def test_a_namespace_the_api_server_never_deletes_holds_its_owner_for_good() -> None:
    state = state_of(going("Widget.v1.shop.example.com one", "foregroundDeletion"), "Namespace default")
    subject = state.objects[place("Widget.shop.example.com", "one")]
    default = state.objects[place("Namespace", "default")]
    owned = default.with_fields(owners=(OwnerRef(subject.id.key, "one", subject.uid, True),))
    *_, last = blockers_of(state.with_changes([(default.id, owned)]), subject)
    never = "the API server never deletes this namespace"
    assert last == Blocker("Namespace default", never, SERVER, True, "it is never deleted")


def test_an_object_whose_namespace_is_gone_is_held_until_that_is_created_again() -> None:
    state = state_of("Namespace kube-system", going("ConfigMap barn/notes", HOLD))
    *_, last = blockers(state, "ConfigMap", "notes", "barn")
    absent = "the namespace barn does not exist, and the answer is 404"
    assert last == Blocker("ConfigMap barn/notes", absent, SERVER, True, "kubectl create namespace barn")


@pytest.mark.parametrize("strategy", ["Webhook", "None"])
def test_a_conversion_without_a_backend_holds_the_end_of_its_type(strategy: str) -> None:
    spec = {**CONVERTED, "conversion": {**CONVERTED["conversion"], "strategy": strategy}}
    crd = going("CustomResourceDefinition widgets.shop.example.com", "customresourcecleanup.apiextensions.k8s.io")
    crd["CustomResourceDefinition widgets.shop.example.com"]["spec"] = spec
    found = blockers(state_of(crd), "CustomResourceDefinition.apiextensions.k8s.io", "widgets.shop.example.com")
    last, calls = found[-1], "spec.conversion calls x/y, which has no endpoints"
    assert (len(found), last.what == calls) == ((2, True) if strategy == "Webhook" else (1, False))
    if strategy == "Webhook":
        assert (last.who, last.runs) == (SERVER, False)
        assert last.release == "the conversion's backend answers; by hand only if that is gone for good"
        resource = "customresourcedefinitions.apiextensions.k8s.io/widgets.shop.example.com"
        assert last.command.startswith(f"kubectl --context host patch {resource} --type=merge -p '{{")
