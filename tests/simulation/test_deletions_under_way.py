"""Deletions of users' objects that hang already: no loss of a plan's, and explained by what holds them."""

from typing import Any

import pytest

from ks_reset.errors import Refused
from ks_reset.model import FleetFacts, Options
from ks_reset.plan import make as planning
from ks_reset.plan.playbook import load_playbook
from ks_reset.simulation import foresee_consequences, refuse_losses
from ks_reset.simulation.explain import Explanation, explain_object
from tests.build import facts
from tests.shorthand import expand_object

HOLD, OWN = "cranes.example.com/unload", "finalizers.kubesphere.io/namespaces"
HELD_CLAIM = {"ConfigMap quay/cargo": {"deleted": True, "finalizers": [HOLD]}}


def hanging(replicas: int, spec: dict[str, Any], *contents: dict[str, Any], holds: tuple[str, ...]) -> FleetFacts:
    """The namespace quay of Workspace ws1 in deletion, with these finalizers and contents, and its manager."""
    fields = {"deleted": True, "labels": {"kubesphere.io/workspace": "ws1"}, "finalizers": list(holds)}
    quay = expand_object({"Namespace quay": fields}) | {"spec": spec}
    manager = {"Deployment kubesphere-system/ks-controller-manager": {"replicas": replicas}}
    rows = ["Namespace kubesphere-system", "Workspace ws1", manager, *contents]
    return facts([quay, *(expand_object(row) for row in rows)])


def plan_uninstall(known: FleetFacts) -> None:
    plan = planning.make_plan(load_playbook("uninstall"), known, Options())
    refuse_losses(plan, foresee_consequences(plan, known))


def explain_quay(known: FleetFacts) -> Explanation:
    return explain_object(known, known.host.identity, known.host.of("Namespace")[0])


@pytest.mark.parametrize("replicas", [0, 1])
@pytest.mark.parametrize("holds", [(HOLD,), (HOLD, OWN), (OWN,)], ids=["foreign", "both", "own"])
@pytest.mark.parametrize("spec", [{}, {"finalizers": ["kubernetes"]}], ids=["emptied", "to be emptied"])
def test_a_namespace_that_hangs_already_does_not_stop_an_uninstall(
    replicas: int, holds: tuple[str, ...], spec: dict[str, Any]
) -> None:
    plan_uninstall(hanging(replicas, spec, holds=holds))


@pytest.mark.parametrize("held", [HOLD, "finalizers.kubesphere.io/credential"])
@pytest.mark.parametrize("replicas", [0, 1])
def test_a_namespace_that_hangs_behind_its_contents_does_not_stop_an_uninstall(replicas: int, held: str) -> None:
    cargo = {"ConfigMap quay/cargo": {"deleted": True, "finalizers": [held]}}
    plan_uninstall(hanging(replicas, {"finalizers": ["kubernetes"]}, cargo, holds=(OWN,)))


def test_contents_that_would_stay_in_etcd_stop_an_uninstall() -> None:
    with pytest.raises(Refused, match="loss of Namespace quay"):
        plan_uninstall(hanging(0, {}, HELD_CLAIM, holds=(OWN,)))


def test_an_emptied_namespace_is_held_by_the_foreign_finalizer_alone() -> None:
    said = explain_quay(hanging(0, {}, holds=(HOLD,)))
    assert [hold.what for hold in said.holds] == [f"finalizer {HOLD}"]
    assert [mark.value for mark in said.marks if "finalizers" in mark.field] == [HOLD]
    assert "spec" not in " ".join((*said.cure, *(fate.detail for fate in said.fates)))


def test_wiped_finalizers_are_named_where_contents_or_nothing_else_keep_a_namespace() -> None:
    for known in (hanging(0, {}, HELD_CLAIM, holds=(HOLD,)), hanging(0, {}, holds=())):
        assert "spec.finalizers is empty" in [hold.what for hold in explain_quay(known).holds]
