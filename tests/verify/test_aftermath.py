"""What other controllers clean up after pods and claims is told apart by a reference, and by nothing else."""

from typing import Any

import pytest
from msgspec import structs

from ks_reset.model import Delete, Material, Plan, PlanCluster, PlannedConsequence, Request
from ks_reset.verify import Proof, compare_bystanders
from tests.build import Rows, facts
from tests.shorthand import expand_case

SYSTEM = "kubesphere-system"
REMOVED = ["Namespace kubesphere-system", f"Pod {SYSTEM}/redis-0", f"PersistentVolumeClaim {SYSTEM}/redis"]
CLAIM = {"namespace": SYSTEM, "name": "redis", "uid": f"uid-of-PersistentVolumeClaim-{SYSTEM}-redis"}
DELETE: dict[str, Any] = {"persistentVolumeReclaimPolicy": "Delete"}
VOLUME = {"PersistentVolume v1": {"spec": DELETE | {"csi": {"volumeHandle": "vol-7"}, "claimRef": CLAIM}}}
OWNED = {"owners": [{"Pod redis-0": {"uid": f"uid-of-Pod-{SYSTEM}-redis-0"}}]}
HANDLE = "IPAMHandle.v1.crd.projectcalico.org"
BLOCK = "IPAMBlock.v1.crd.projectcalico.org"
SECONDARY = {"namespace": SYSTEM, "pod": "redis-0", "node": "n"}


def attachment(volume: str) -> dict[str, Any]:
    spec = {"nodeName": "n", "source": {"persistentVolumeName": volume}}
    return {"VolumeAttachment.v1.storage.k8s.io a": {"spec": spec}}


def rows(*short: Any) -> Rows:
    expanded: Rows = expand_case({"host": list(short)})["host"]
    return expanded


def proof_of(before: list[Any], after: list[Any], **plan: Any) -> Proof:
    """The proof after a plan that deletes the namespace kubesphere-system."""
    was, now = facts(rows(*REMOVED, *before)), facts(rows("Pod", *after))
    namespace = was.host.get("Namespace", SYSTEM)
    assert namespace
    action = Delete("s", "uid-of-host", namespace.kind, SYSTEM, "", namespace.uid)
    cluster = PlanCluster("uid-of-host", "host", "host", "https://host", "v1.24.17", "host")
    made = Plan(1, "t", "now", "p", "fleet", Request(), Material(), ("s",), (cluster,), (action,))
    return compare_bystanders(was, now, [structs.replace(made, **plan)])


def lost(before: list[Any], after: list[Any], **plan: Any) -> list[str]:
    return [change.object for change in proof_of(before, after, **plan).changes]


FOLLOWING: dict[str, list[Any]] = {
    "a handle of Calico, by the block that joins it to a pod": [
        {f"{HANDLE} net.abc": {"spec": {"handleID": "net.abc"}}},
        {f"{BLOCK} b": {"spec": {"attributes": [{"handle_id": "net.abc", "secondary": SECONDARY}]}}},
    ],
    "an endpoint with the pod as owner": [{"CiliumEndpoint.v2.cilium.io shop/x": OWNED}],
    "an address with a reference by name": [
        {"IP.v1.kubeovn.io redis-0": {"spec": {"namespace": SYSTEM, "podName": "redis-0"}}},
        {"Reservation.v1alpha1.whereabouts.cni.cncf.io kube-system/r": {"spec": {"podref": f"{SYSTEM}/redis-0"}}},
    ],
    "a driver's object for the volume": [
        VOLUME,
        {"Volume.v1beta2.longhorn.io longhorn/v1": {"spec": {"size": 1}}},
        {"Replica.v1beta2.longhorn.io longhorn/v1-r-x": {"spec": {"volumeName": "vol-7"}}},
    ],
    "an attachment of the volume": [VOLUME, attachment("v1")],
    "an event of the pod": [
        {"Event default/e": {"involvedObject": {"kind": "Pod", "namespace": SYSTEM, "name": "redis-0"}}}
    ],
}


@pytest.mark.parametrize("which", FOLLOWING)
def test_what_refers_to_a_pod_or_claim_that_went_is_told_apart(which: str) -> None:
    proof = proof_of(FOLLOWING[which], [])
    assert proof.changes == (), which
    assert proof.followed


ALIVE = {"namespace": "shop", "pod": "web-0"}
STAYING: dict[str, list[Any]] = {
    "a handle of a pod that lives": [
        "Pod shop/web-0",
        {f"{HANDLE} net.abc": {"spec": {"handleID": "net.abc"}}},
        {f"{BLOCK} b": {"spec": {"attributes": [{"handle_id": "net.abc", "secondary": ALIVE}]}}},
    ],
    "a handle that nothing joins to a pod": [{f"{HANDLE} n.x": {"spec": {"handleID": "n.x"}}}],
    "a user's binding of an account there": [
        {"RoleBinding shop/r": {"subjects": [{"kind": "ServiceAccount", "namespace": SYSTEM, "name": "x"}]}}
    ],
    "a user's configuration with the pod's name": [{"ConfigMap shop/c": {"data": {"pod": f"{SYSTEM}/redis-0"}}}],
    "a namespace with an owner that went": [{"Namespace shop": OWNED}],
    "a monitor of a removed namespace": [
        {"ServiceMonitor.v1.monitoring.coreos.com shop/m": {"spec": {"namespaceSelector": {"matchNames": [SYSTEM]}}}}
    ],
    "a volume with the policy Retain": [
        {"PersistentVolume v2": {"spec": {"persistentVolumeReclaimPolicy": "Retain", "claimRef": CLAIM}}}
    ],
    "a volume of a claim that stays": [
        "PersistentVolumeClaim shop/data",
        {"PersistentVolume v2": {"spec": DELETE | {"claimRef": {"uid": "uid-of-PersistentVolumeClaim-shop-data"}}}},
    ],
}


@pytest.mark.parametrize("which", STAYING)
def test_without_such_a_reference_it_is_a_lost_bystander(which: str) -> None:
    kept = [row for row in STAYING[which] if isinstance(row, str)]
    gone = [row for row in STAYING[which] if not isinstance(row, str)]
    assert len(lost(STAYING[which], kept)) == len(gone), which


def test_an_attachment_on_a_node_with_a_user_of_the_volume_is_a_lost_bystander() -> None:
    mounts = [{"persistentVolumeClaim": {"claimName": "data"}}]
    web = {"Pod shop/web-0": {"spec": {"nodeName": "n", "volumes": mounts}}}
    volume = {"PersistentVolume v": {"spec": {"claimRef": {"namespace": "shop", "name": "data", "uid": "u"}}}}
    assert lost([web, volume, attachment("v")], [web, volume]) == ["VolumeAttachment.storage.k8s.io a"]
    assert lost([web, volume, attachment("v")], [volume]) == []


def test_a_block_that_changed_with_the_pods_is_told_apart() -> None:
    def block(*attributes: Any, **more: Any) -> Any:
        return {"IPAMBlock.v1.crd.projectcalico.org b": {"spec": {"attributes": list(attributes), **more}}}

    went = {"handle_id": "h", "secondary": SECONDARY}
    assert lost([block(went)], [block()]) == []
    new = {"handle_id": "i", "secondary": {"namespace": "shop", "pod": "web-1"}}
    assert lost([block()], ["Pod shop/web-1", block(new)]) == []
    assert lost([block(cidr="10.0.0.0/26")], [block(cidr="10.0.9.0/26")]) == ["IPAMBlock.crd.projectcalico.org b"]


def test_what_the_plan_foresees_is_no_lost_bystander() -> None:
    other = {"PersistentVolume v9": {"spec": {"persistentVolumeReclaimPolicy": "Delete"}}}
    assert lost([other], []) == ["PersistentVolume v9"]
    foreseen = PlannedConsequence("s", "host", "PersistentVolume v9", "deleted", "w", "uid-of-PersistentVolume--v9")
    assert lost([other], [], foreseen=(foreseen,)) == []
    assert lost([other], [], foreseen=(structs.replace(foreseen, uid="another"),)) == ["PersistentVolume v9"]
    assert lost([other], [], foreseen=(structs.replace(foreseen, fate="changed"),)) == ["PersistentVolume v9"]


def test_without_the_list_of_pods_nothing_is_told_apart() -> None:
    was = rows(*REMOVED, {"IP.v1.kubeovn.io x": {"spec": {"namespace": SYSTEM, "podName": "redis-0"}}})
    gaps = [{"what": "list of pods", "why": "403"}]
    proof = compare_bystanders(facts(was), facts([], gaps=gaps), ())
    assert "IP.kubeovn.io x" in [change.object for change in proof.changes]


def test_a_handle_is_joined_to_a_pod_by_the_annotation_of_calico() -> None:
    pod = {f"Pod {SYSTEM}/api-1": {"annotations": {"cni.projectcalico.org/containerID": "0a1b"}}}
    handle = {f"{HANDLE} k8s-pod-network.0a1b": {"spec": {"handleID": "k8s-pod-network.0a1b"}}}
    assert lost([pod, handle], []) == []
    assert lost([pod, handle], [pod]) == ["IPAMHandle.crd.projectcalico.org k8s-pod-network.0a1b"]
