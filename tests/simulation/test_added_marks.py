"""A controller with replicas and without pods: what it may still add is in the plan, so that nothing is lost."""

from typing import Any

import pytest

from ks_reset.model import FleetFacts, Marks, Options, RemoveMarks
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.report.runbook import Site, command_of
from ks_reset.simulation import foresee_consequences, refuse_losses
from ks_reset.simulation.added_marks import added_marks
from tests.build import facts
from tests.shorthand import expand_object

OWN = "finalizers.kubesphere.io/namespaces"
WORLD: list[Any] = [
    "CustomResourceDefinition workspaces.tenant.kubesphere.io -> Workspace v1alpha1",
    "Workspace ws2",
    {"Namespace mbiz": {"labels": {"kubesphere.io/workspace": "ws2"}}},
]


def fleet(on: str, replicas: int = 1) -> FleetFacts:
    manager: dict[str, Any] = {
        "Deployment kubesphere-system/ks-controller-manager": {"replicas": replicas, "available": 0}
    }
    rows = [expand_object(row) for row in (*WORLD, manager)]
    return facts(rows) if on == "host" else facts([], {"eu": rows})


@pytest.mark.parametrize("on", ["host", "member"])
@pytest.mark.parametrize("name", ["uninstall", "unbind", "defuse"])
def test_a_labelled_namespace_under_a_controller_that_is_down_does_not_refuse_the_plan(name: str, on: str) -> None:
    known = fleet(on)
    plan = planning.make_plan(playbooks.load_playbook(name), known, Options())
    refuse_losses(plan, foresee_consequences(plan, known))


def test_the_runbook_names_the_marks_that_may_be_added() -> None:
    plan = planning.make_plan(playbooks.load_playbook("uninstall"), fleet("host"), Options())
    shop = next(a for a in plan.actions if isinstance(a, RemoveMarks) and a.name == "mbiz")
    assert '(eq $e.kind "Workspace") (eq $e.name "ws2")' in command_of(shop, Site("host"))
    assert "may add label kubesphere.io/namespace" in shop.why
    assert "ownerReference Workspace ws2, to be removed too" in shop.why


@pytest.mark.parametrize(
    ("own", "finalizers", "labels"),
    [
        ({}, [OWN], None),
        ({}, [], {"kubesphere.io/namespace": "cart"}),
        ({"kubesphere.io/namespace": "cart"}, [], {}),
        ({"kubesphere.io/namespace": "shop"}, [], {"kubesphere.io/namespace": "cart"}),
    ],
)
def test_a_namespace_without_the_finalizer_gets_it_with_the_label_of_its_name(
    own: dict[str, str], finalizers: list[str], labels: dict[str, str] | None
) -> None:
    about = {"labels": {"kubesphere.io/workspace": "ws9", **own}, "finalizers": finalizers}
    rows: list[Any] = [
        {"Deployment kubesphere-system/ks-controller-manager": {"replicas": 1}},
        {"Namespace cart": about},
    ]
    known = facts([expand_object(row) for row in rows])
    expected = (
        {} if labels is None else {("uid-of-host", "uid-of-Namespace--cart"): Marks(labels=labels, finalizers=(OWN,))}
    )
    assert added_marks(known) == expected


def test_an_owner_to_be_added_is_named_in_the_version_that_the_cluster_serves() -> None:
    owner = {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace", "name": "ws2"}
    assert added_marks(fleet("host"))["uid-of-host", "uid-of-Namespace--mbiz"].owners == (owner,)
