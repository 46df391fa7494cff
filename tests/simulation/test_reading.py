"""A state read again: deletions, and records without the Secret with their credentials."""

import pytest

from ks_reset.model import FleetFacts, Reach
from ks_reset.simulation import State, facts_of
from ks_reset.simulation.reading import as_obj
from tests.build import facts
from tests.shorthand import expand_dial, expand_object
from tests.simulation.test_edge_cases import place

READ_AT = "2020-02-02T00:00:00Z"
HOME = "kube-federation-system"


def test_a_deletion_keeps_its_time_and_an_object_its_type() -> None:
    hold = "cranes.example.com/unload"
    going = {"Namespace shop": {"deletionTimestamp": READ_AT, "finalizers": [hold]}}
    state = State.of(facts([expand_object(row) for row in (going, "Namespace cart")]))
    shop, cart = (state.objects[place("Namespace", name)] for name in ("shop", "cart"))
    was = as_obj(shop.with_label("a", "b"))
    assert (was.meta["deletionTimestamp"], was.kind, was.labels) == (READ_AT, shop.kind, {"a": "b"})
    assert as_obj(cart.with_label("a", "b")).deleting is False
    assert as_obj(cart.with_fields(deleting=True)).meta["deletionTimestamp"] == "2026-01-01T00:00:00Z"


def with_records() -> FleetFacts:
    rows = ["KubeFedCluster eu -> eu", f"Secret {HOME}/eu-secret", "Secret default/eu-secret"]
    secrets = [expand_object(row.replace("Secret ", "Secret.v1 ")) for row in rows[1:]]
    return facts([expand_object(rows[0]), *secrets], {"eu": []}, [expand_dial("eu -> eu")])


@pytest.mark.parametrize(("namespace", "reach"), [("default", Reach.REACHED), (HOME, Reach.NO_SECRET)])
def test_a_record_reaches_its_cluster_while_its_own_secret_is_there(namespace: str, reach: Reach) -> None:
    state = State.of(with_records())
    secret = next(i for i in state.objects if (i.key, i.namespace) == ("Secret", namespace))
    (dial,) = facts_of(state.with_changes([(secret, None)])).host.dials
    assert (dial.reach, dial.identity) == (reach, "uid-of-eu" if reach is Reach.REACHED else "")
