"""What other controllers clean up after pods and claims is told apart by a reference, and by nothing else."""

from typing import Any

import pytest
from msgspec import structs

from ks_reset.model import Delete, Material, Plan, PlanCluster, PlannedConsequence, Request, Scale
from ks_reset.verify import Proof, compare_bystanders
from tests.build import Rows, facts
from tests.shorthand import expand_case

SYSTEM = "kubesphere-system"
REMOVED = ["Namespace kubesphere-system", f"Pod {SYSTEM}/redis-0", f"PersistentVolumeClaim {SYSTEM}/redis"]
CLAIM = {"namespace": SYSTEM, "name": "redis", "uid": f"uid-of-PersistentVolumeClaim-{SYSTEM}-redis"}
DELETE: dict[str, Any] = {"persistentVolumeReclaimPolicy": "Delete"}
VOLUME = {"PersistentVolume v1": {"spec": DELETE | {"csi": {"volumeHandle": "vol-7"}, "claimRef": CLAIM}}}
OWNED = {"owners": [{"Pod redis-0": {"uid": f"uid-of-Pod-{SYSTEM}-redis-0"}}]}
WEB = {"namespace": "shop", "pod": "web-0"}
"""A user's pod, which is rescheduled under another name."""
HANDLE = "IPAMHandle.v1.crd.projectcalico.org"
RESERVATION = "OverlappingRangeIPReservation.v1alpha1.whereabouts.cni.cncf.io"
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
        {f"{RESERVATION} kube-system/r": {"spec": {"podref": f"{SYSTEM}/redis-0"}}},
    ],
    "a driver's object for the volume": [
        VOLUME,
        {"Volume.v1beta2.longhorn.io longhorn/v1": {"spec": {"size": 1}}},
        {"Replica.v1beta2.longhorn.io longhorn/v1-r-x": {"spec": {"volumeName": "vol-7"}}},
    ],
    "a custom object of a pod that went": [{"Probe.v1.example.com shop/p": {"spec": SECONDARY}}],
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


RESCHEDULED: dict[str, Any] = {
    "a handle, by its block": {f"{HANDLE} net.abc": {"spec": {"handleID": "net.abc"}}},
    "an endpoint of Cilium": {"CiliumEndpoint.v2.cilium.io shop/web-0": {"owners": [{"Pod web-0": {"uid": "u-w"}}]}},
    "an address": {"IP.v1.kubeovn.io web-0.shop": {"spec": {"namespace": "shop", "podName": "web-0"}}},
    "a reservation": {f"{RESERVATION} kube-system/r": {"spec": {"podref": "shop/web-0"}}},
    "the claim of an ephemeral volume": {
        "PersistentVolumeClaim shop/web-0-tmp": {"owners": [{"Pod web-0": {"uid": "u-w"}}]}
    },
}


@pytest.mark.parametrize("which", RESCHEDULED)
def test_what_is_cleaned_up_after_every_pod_is_told_apart_after_a_rescheduled_one_too(which: str) -> None:
    web, block = (
        {"Pod shop/web-0": {"uid": "u-w", "owners": ["StatefulSet shop/web"]}},
        {f"{BLOCK} b": {"spec": {"attributes": [WEB | {"handle_id": "net.abc"}]}}},
    )
    assert lost([web, block, RESCHEDULED[which]], ["Pod shop/web-1", block]) == []
    assert len(lost([web, block, RESCHEDULED[which]], [web, block])) == 1


OF_USERS: dict[str, Any] = {
    "a backup of a rescheduled pod": {"PodBackup.v1.example.com shop/b": {"spec": WEB}},
    "a custom object of a rescheduled pod": {"Probe.v1.example.com shop/p": {"spec": WEB}},
    "a custom object that a rescheduled pod owns": {
        "Probe.v1.example.com shop/p": {"owners": [{"Pod web-0": {"uid": "u-w"}}]}
    },
    "a custom object of a pod that was never read": {
        "Probe.v1.example.com shop/p": {"spec": {"namespace": "shop", "pod": "never"}}
    },
    "a backup of a pod that went": {
        "PodVolumeBackup.v1.velero.io velero/b": {
            "spec": {"pod": {"kind": "Pod", "namespace": SYSTEM, "name": "redis-0"}}
        }
    },
    "a snapshot of a volume that went": {
        "VolumeSnapshotContent.v1.snapshot.storage.k8s.io c": {"spec": {"source": {"volumeHandle": "vol-7"}}}
    },
    "a snapshot of another vendor": {"Snapshot.v1beta2.longhorn.io longhorn/s": {"spec": {"volume": "vol-7"}}},
    "a claim of devices that a pod had reserved": {
        "ResourceClaim.v1.resource.k8s.io shop/gpu": {"status": {"reservedFor": [{"uid": "u-w", "name": "web-0"}]}}
    },
}


@pytest.mark.parametrize("which", OF_USERS)
def test_users_objects_about_a_pod_or_volume_are_lost_bystanders(which: str) -> None:
    web = {"Pod shop/web-0": {"uid": "u-w", "owners": ["StatefulSet shop/web"]}}
    assert len(lost([web, VOLUME, OF_USERS[which]], ["Pod shop/web-1"])) == 1, which


def test_the_pods_of_a_workload_that_the_plan_let_go_count_in_every_namespace() -> None:
    probe = {"Probe.v1.example.com shop/p": {"spec": {"namespace": "fed", "pod": "manager-x"}}}
    before = [
        {"Deployment fed/manager": {"uid": "u-d"}},
        {"ReplicaSet.v1.apps fed/manager-1": {"uid": "u-r", "owners": [{"Deployment manager": {"uid": "u-d"}}]}},
        {"Pod fed/manager-x": {"owners": [{"ReplicaSet.v1.apps manager-1": {"uid": "u-r"}}]}},
        probe,
    ]
    after = before[:2]
    assert lost(before, after) == ["Probe.example.com shop/p"]
    stopped = Scale(
        "s", "uid-of-host", facts(rows(*before)).host.kinds["Deployment.apps"], "manager", "fed", "u-d", replicas=0
    )
    assert lost(before, after, actions=(stopped,))[-1:] != ["Probe.example.com shop/p"]


def test_a_pool_whose_range_was_changed_with_the_pods_is_a_changed_bystander() -> None:
    def pool(cidr: str, **allocations: Any) -> Any:
        return {
            "IPPool.v1alpha1.whereabouts.cni.cncf.io kube-system/p": {
                "spec": {"range": cidr, "allocations": allocations}
            }
        }

    web = {"Pod shop/web-0": {"uid": "u-w", "owners": ["StatefulSet shop/web"]}}
    old, new = pool("10.0.0.0/24", a={"podref": "shop/web-0"}), pool("10.0.0.0/24", b={"podref": "shop/web-1"})
    assert lost([web, old], ["Pod shop/web-1", new]) == []
    other = pool("10.9.0.0/24", b={"podref": "shop/web-1"})
    assert lost([web, old], ["Pod shop/web-1", other]) == ["IPPool.whereabouts.cni.cncf.io kube-system/p"]


@pytest.mark.parametrize(("namespace", "gone"), [(SYSTEM, True), ("shop", False)])
def test_an_identity_of_cilium_goes_with_the_namespace_that_the_plan_deletes(namespace: str, *, gone: bool) -> None:
    identity = {"CiliumIdentity.v2.cilium.io 4711": {"security-labels": {"k8s:io.kubernetes.pod.namespace": namespace}}}
    assert bool(lost(["Namespace shop", identity], ["Namespace shop"])) is not gone


def test_a_change_of_metadata_follows_from_nothing() -> None:
    def pool(labels: Any, **allocations: Any) -> Any:
        spec = {"range": "10.0.0.0/24", "allocations": allocations}
        return {"IPPool.v1alpha1.whereabouts.cni.cncf.io kube-system/p": {"spec": spec, "labels": labels}}

    went = pool({}, a={"podref": f"{SYSTEM}/redis-0"})
    assert lost([went], [pool({})]) == []
    assert lost([went], [pool({"a": "b"})]) == ["IPPool.whereabouts.cni.cncf.io kube-system/p"]


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
    web = {"Pod shop/web-0": {"owners": ["StatefulSet shop/web"], "spec": {"nodeName": "n", "volumes": mounts}}}
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
