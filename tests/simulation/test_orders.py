"""Losses that not every order of the controllers has: a namespace between two Workspaces; volumes under a seatbelt."""

from typing import Any

import pytest
from msgspec import structs

from ks_reset import seatbelt
from ks_reset.catalogue.names import (
    DEPLOYMENT_KEY,
    NAMESPACE_KEY,
    PERSISTENT_VOLUME_KEY,
)
from ks_reset.model import LOST, Delete, FleetFacts, Options, Plan, Scale
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.simulation import State, foresee_consequences, losses_by_time, losses_without_seatbelt
from ks_reset.simulation.explain import explain_object
from ks_reset.simulation.threats import NOW, RESTART
from tests.build import facts
from tests.shorthand import expand_dial, expand_object

MANAGED = {"labels": {"kubefed.io/managed": "true"}}


def moved(replicas: int, *leaving: str) -> FleetFacts:
    """Namespace shop has the owner ws1 and the label of ws2; kubefed takes these Workspaces away once it runs."""
    rows: list[Any] = [
        {
            "Deployment kubesphere-system/ks-controller-manager": {
                "replicas": replicas,
                "image": "kubesphere/ks-controller-manager:v3.3.1",
            }
        },
        {"Deployment kube-federation-system/kubefed-controller-manager": {"replicas": replicas}},
        "FederatedTypeConfig workspaces -> Workspace",
        "KubeFedCluster host -> host",
        {"Workspace ws1": MANAGED},
        {"Workspace ws2": MANAGED},
        "Namespace tools",
        "ConfigMap tools/scratch",
        {"Namespace shop": {"labels": {"kubesphere.io/workspace": "ws2"}, "owners": ["Workspace ws1"]}},
        *({f"FederatedWorkspace {name}": {"spec": {"placement": {"clusters": []}}}} for name in leaving),
    ]
    return facts([expand_object(row) for row in rows], {}, [expand_dial("host -> host")])


@pytest.mark.parametrize("leaving", ["ws1", "ws2"])
@pytest.mark.parametrize(("replicas", "when"), [(1, NOW), (0, RESTART)])
def test_a_namespace_between_two_workspaces_is_lost_with_either(leaving: str, replicas: int, when: str) -> None:
    known = moved(replicas, leaving)
    assert "Namespace shop" in [subject.id.title for subject, _ in losses_by_time(known)[when]]
    shop = known.host.get(NAMESPACE_KEY, "shop")
    assert shop is not None
    assert replicas == 0 or explain_object(known, known.host.identity, shop).verdict == "lost"


@pytest.mark.parametrize("replicas", [0, 1])
def test_a_namespace_between_two_workspaces_that_stay_is_not_lost(replicas: int) -> None:
    assert not any(losses_by_time(moved(replicas)).values())


def planned(known: FleetFacts, *actions: Scale | Delete) -> Plan:
    """A plan of these actions alone, in the steps "1", "2" and so on."""
    made = planning.make_plan(playbooks.load_playbook("uninstall"), known, Options())
    return structs.replace(made, steps=tuple(action.step for action in actions), actions=actions)


def lost_steps(known: FleetFacts, *actions: Scale | Delete) -> list[str]:
    """The steps that lose the namespace shop."""
    found = foresee_consequences(planned(known, *actions), known)
    return [c.step for c in found if c.effect.fate in LOST and c.effect.object == "Namespace shop"]


def starts(known: FleetFacts) -> list[Scale]:
    host, places = known.host.identity, enumerate(known.host.of(DEPLOYMENT_KEY), 1)
    return [Scale(str(n), host, d.kind, d.name, d.namespace, uid=d.uid, replicas=1) for n, d in places]


@pytest.mark.parametrize("leaving", ["ws1", "ws2"])
def test_a_plan_that_starts_the_controllers_loses_a_namespace_between_two_workspaces_with_either(leaving: str) -> None:
    known = moved(0, leaving)
    assert lost_steps(known, *starts(known)) == ["2"]


@pytest.mark.parametrize("leaving", ["ws1", "ws2"])
def test_what_is_lost_without_the_plan_in_the_same_order_is_not_the_loss_of_the_plan(leaving: str) -> None:
    known = moved(1, leaving)
    harmless = known.host.of("ConfigMap")[0]
    act = Delete("1", known.host.identity, harmless.kind, harmless.name, harmless.namespace, uid=harmless.uid)
    assert lost_steps(known, act) == []


def test_no_seatbelt_keeps_the_data_of_a_volume_whose_claim_goes() -> None:
    claim = {"kind": "PersistentVolumeClaim", "namespace": "a", "name": "data", "uid": "uid-of-data"}
    bodies = [body for _, body in seatbelt.seatbelt_objects(facts([]).host, "protect", "ops@bastion")]
    rows = [
        "Namespace a",
        "ValidatingWebhookConfiguration",
        {
            "PersistentVolumeClaim a/data": {
                "uid": "uid-of-data",
                "finalizers": ["kubernetes.io/pvc-protection"],
                "deletionTimestamp": "2026-01-01T00:00:00Z",
            }
        },
        {"PersistentVolume v1": {"spec": {"persistentVolumeReclaimPolicy": "Delete", "claimRef": claim}}},
    ]
    known = facts([*(expand_object(row) for row in rows), *bodies])
    assert seatbelt.is_on(known.host)
    assert State.of(known).seatbelt_on == {known.host.identity}
    volume = known.host.get(PERSISTENT_VOLUME_KEY, "v1")
    assert volume is not None
    assert explain_object(known, known.host.identity, volume).verdict == "lost"
    assert losses_without_seatbelt(known, {known.host.identity}) == []
