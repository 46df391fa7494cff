"""The incident happens here as it happened in production; else the cure would prove nothing."""

import time
from collections.abc import Callable

import pytest

from ks_reset.catalogue.names import NAMESPACE_KIND
from ks_reset.model import Kind
from ks_reset.rehearsal.fleet import RehearsalFleet

pytestmark = pytest.mark.rehearsal
MakeWorld = Callable[..., RehearsalFleet]
PV = Kind("", "v1", "PersistentVolume", "persistentvolumes", False)
BYSTANDERS = (
    ("ClusterRole.rbac.authorization.k8s.io", "", "my-kubesphere-dashboards"),
    ("Role.rbac.authorization.k8s.io", "legacy-batch", "admin"),
    ("Deployment.apps", "kubesphere-demo", "demo"),
    ("CustomResourceDefinition.apiextensions.k8s.io", "", "widgets.shop.example.com"),
    ("Widget.shop.example.com", "kubesphere-demo", "blue"),
    ("ValidatingWebhookConfiguration.admissionregistration.k8s.io", "", "validating-webhook-configuration"),
    ("Namespace", "", "vault-keys"),
    ("Secret", "vault-keys", "unseal"),
)


def stays(holds: Callable[[], bool], seconds: float) -> bool:
    """Whether something held at every look for so long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not holds():
            return False
        time.sleep(0.2)
    return True


def uids(world: RehearsalFleet) -> dict[tuple[str, str, str, str], str]:
    """UIDs of the bystanders of both clusters; an absent one has none."""
    kinds = {context: cluster.kinds() for context, cluster in world.clusters.items()}
    found = {}
    for context, cluster in world.clusters.items():
        for key, namespace, name in BYSTANDERS:
            body = cluster.get(kinds[context][key], name, namespace)
            found[context, key, namespace, name] = str(body["metadata"]["uid"]) if body else ""
    return found


def test_with_kubefed_stopped_nothing_happens_and_with_it_the_business_is_destroyed(world: MakeWorld) -> None:
    made = world()
    before, doomed = uids(made), sorted(made.members_of("ws1"))
    workspace = made.workspace_uid("ws1")
    made.arm()
    assert stays(lambda: not made.lost() and made.workspace_uid("ws1") == workspace, 15)
    made.restart_kubefed()
    made.wait("every namespace of ws1 is lost", lambda: sorted(made.lost()) == doomed, 240)
    made.wait("billing is gone", lambda: made.host.get(NAMESPACE_KIND, "billing") is None)
    volume = made.host.get(PV, "billing-data") or {}
    assert volume["status"]["phase"] == "Released"
    assert uids(made) == before
    assert all(before.values())


@pytest.mark.parametrize("kubernetes", ["1.24.17", "1.34.4"])
def test_live_the_workspace_flaps_and_only_a_namespace_added_to_it_is_lost(world: MakeWorld, kubernetes: str) -> None:
    made = world(kubernetes)
    made.live()
    seen = made.watch_uids("ws1")
    made.wait("the Workspace had ten UIDs", lambda: len(seen) >= 10)
    assert made.lost() == []
    uid = made.add_namespace("late-comer", "ws1")["metadata"]["uid"]

    def gone() -> bool:
        body = made.host.get(NAMESPACE_KIND, "late-comer")
        if not body or body["metadata"]["uid"] != uid:
            return True
        if "deletionTimestamp" not in body["metadata"]:  # unbound by the namespace controller, if that came first
            made.add_namespace("late-comer", "ws1", bound=False)
        return False

    made.wait("the namespace is destroyed", gone)
    assert made.lost() == []
