"""What other controllers remove or change after the end of a pod, a claim or a volume, told apart by a reference.

A type alone proves nothing: the object must refer to something that is gone. For the types of `CLEANED` any pod that is
gone will do, also a rescheduled one: their controllers remove them after every pod. Any other custom type must refer to
something that was there before and that the plan let go. Users' data (`DATA`) is never told apart, nor are
Kubernetes' own types outside `CLEANED`.
"""

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from ks_reset.model import ClusterFacts, Obj
from ks_reset.verify.references import (
    CLAIM,
    POD,
    VOLUME,
    References,
    differing_parts,
    mappings,
    named_pod,
    strings,
)

ATTACHMENT = "VolumeAttachment.storage.k8s.io"
BLOCK, HANDLE = "IPAMBlock.crd.projectcalico.org", "IPAMHandle.crd.projectcalico.org"
IDENTITY, IDENTITY_NAMESPACE = "CiliumIdentity.cilium.io", "k8s:io.kubernetes.pod.namespace"
OWNED = {
    CLAIM: "kubernetes v1.24.17, pkg/controller/volume/ephemeral: a generic ephemeral volume's claim",
    "ResourceClaim.resource.k8s.io": "kubernetes v1.34.4, pkg/controller/resourceclaim: one made from a template",
}
"""Types that users create too: those with a pod as owner are cleaned up after it, by the garbage collector."""
CLEANED = OWNED | {
    "Event": "kubernetes v1.24.17, pkg/registry/core/event: expires after --event-ttl",
    "Event.events.k8s.io": "the same object as Event",
    "EndpointSlice.discovery.k8s.io": "kubernetes v1.24.17, pkg/controller/endpointslice",
    "PodMetrics.metrics.k8s.io": "kubernetes-sigs/metrics-server v0.6.4, pkg/api: computed, stored nowhere",
    "PodSchedulingContext.resource.k8s.io": "kubernetes v1.29.0, pkg/controller/resourceclaim",
    "CSIStorageCapacity.storage.k8s.io": "kubernetes-csi/external-provisioner v3.6.0, pkg/capacity",
    ATTACHMENT: "kubernetes v1.24.17, pkg/controller/volume/attachdetach: once no pod on the node mounts the volume",
    HANDLE: "projectcalico/calico v3.26.4, libcalico-go/lib/ipam/ipam.go",
    BLOCK: "projectcalico/calico v3.26.4, libcalico-go/lib/apis/v3/ipam_block.go: handle_id, pod and namespace",
    "CiliumEndpoint.cilium.io": "cilium/cilium@0bc32ae, operator/endpointgc/gc.go",
    "IP.kubeovn.io": "kubeovn/kube-ovn@289f785, pkg/apis/kubeovn/v1/ip.go: namespace and podName",
    "IPPool.whereabouts.cni.cncf.io": "k8snetworkplumbingwg/whereabouts@6dfd70c, ippool_types.go: podref",
    "OverlappingRangeIPReservation.whereabouts.cni.cncf.io": "k8snetworkplumbingwg/whereabouts@456904a: podref",
}
"""Types whose objects are cleaned up after pods, with the source. A Lease is not compared at all (`bystanders.py`).

Calico's WorkloadEndpoint is no object of its own: it is read from the pod (projectcalico/calico@074a49b,
libcalico-go/lib/backend/k8s/resources/workloadendpoint.go).
"""
DATA = re.compile(r"Backup|Snapshot|Restore|\.velero\.io$")
"""Types with data that users keep beyond the pods and volumes they name, by `Kind.group`."""


class Aftermath:
    """The references to pods, claims and volumes that are gone. `removed` are the UIDs the plans let go."""

    def __init__(self, before: ClusterFacts, after: ClusterFacts, removed: set[str]) -> None:
        self.before = before
        self.after = after
        self.removed = removed

    def reason(self, was: Obj, now: Obj | None, fields: Iterable[str] = ()) -> str:
        """Why a lost object, or a change in these fields, follows from the end of another one; "" without proof."""
        if not _may_follow(was):
            return ""
        gone = self._gone_with_pods if was.kind.key in CLEANED else self._let_go
        if now is None or now.uid != was.uid:
            return _owner(was, gone) or self._attachment(was) or self._identity(was) or _reference(was, gone)
        changed = [({field: was.body.get(field)}, {field: now.body.get(field)}) for field in fields]
        if any(old == new for old, new in changed):  # a part of the metadata, which refers to nothing
            return ""
        whole = was.kind.key in (BLOCK, HANDLE)  # their counters change with each entry
        parts = changed if whole else [part for pair in changed for part in differing_parts(*pair)]
        reasons = [gone.reason(old) or (self._new_pod(new) if was.kind.key in CLEANED else "") for old, new in parts]
        return reasons[0] if reasons and all(reasons) else ""

    @property
    def _knows_pods(self) -> bool:
        return POD in self.before.objects and POD in self.after.objects

    @cached_property
    def _ended_pods(self) -> list[Obj]:
        """The pods of before that are gone; none if a list of pods was not read."""
        living = {pod.uid for pod in self.after.of(POD)}
        return [pod for pod in self.before.of(POD) if pod.uid not in living] if self._knows_pods else []

    @cached_property
    def _let_go(self) -> References:
        """What the plans let go and is gone: pods, also those of a workload that was let go, claims and volumes."""
        living = {obj.uid for obj in self.after.all()}
        others = [o for o in self.before.all() if o.uid in self.removed and (o.namespace or o.kind.key == VOLUME)]
        pods = [pod for pod in self._ended_pods if self._is_let_go(pod)]
        ended = [obj for obj in others if obj.kind.key != POD and obj.uid not in living]
        return References(self.before, pods, ended)

    @cached_property
    def _gone_with_pods(self) -> References:
        """The same with every pod that is gone, and with names of pods that are on neither list."""
        living = {(pod.namespace, pod.name) for pod in self.after.of(POD)}
        unread = None if not self._knows_pods else living | {(pod.namespace, pod.name) for pod in self.before.of(POD)}
        return References(self.before, self._ended_pods, self._let_go.others, unread)

    def _is_let_go(self, obj: Obj) -> bool:
        """Whether the plans let go the object itself or an owner, such as the Deployment of a pod's ReplicaSet."""
        seen, line = set[str](), [obj.uid]
        while line:
            uid = line.pop()
            seen.add(uid)
            line += [owner for owner in self._owners.get(uid, ()) if owner not in seen]
        return bool(seen & self.removed)

    @cached_property
    def _owners(self) -> dict[str, list[str]]:
        """The UIDs of the owners of each object."""
        return {obj.uid: [owner.uid for owner in obj.owners] for obj in self.before.all() if obj.owners}

    def _attachment(self, obj: Obj) -> str:
        """No pod on the node mounts the volume any more."""
        if obj.kind.key != ATTACHMENT or not self._knows_pods:
            return ""
        name = str((obj.spec.get("source") or {}).get("persistentVolumeName", ""))
        volume = self.before.get(VOLUME, name)
        claim = (volume.spec.get("claimRef") or {}) if volume else {}
        mounted = [pod for pod in self.after.of(POD) if pod.spec.get("nodeName") == obj.spec.get("nodeName")]
        in_use = any(pod.namespace == claim.get("namespace") and claim.get("name") in _claims(pod) for pod in mounted)
        return f"no pod on its node mounts {VOLUME} {name}" if claim and not in_use else ""

    def _identity(self, obj: Obj) -> str:
        """Cilium removes an identity without pods (cilium/cilium, operator/identitygc); this one's namespace went."""
        labels = obj.body.get("security-labels") if obj.kind.key == IDENTITY else None
        name = str((labels or {}).get(IDENTITY_NAMESPACE, ""))
        namespace = self.before.get("Namespace", name) if name else None
        gone = namespace is not None and namespace.uid in self.removed and self.after.get("Namespace", name) is None
        return f"it is for pods of Namespace {name}, which is gone" if gone else ""

    def _new_pod(self, part: Any) -> str:
        """The reason, if a part names a pod that was not there before."""
        old = {pod.uid for pod in self.before.of(POD)}
        new = {(p.namespace, p.name) for p in self.after.of(POD) if p.uid not in old} if self._knows_pods else set()
        named = {named_pod(mapping) for mapping in mappings(part)}
        named |= {(text.partition("/")[0], text.partition("/")[2]) for text in strings(part) if "/" in text}
        return next((f"it refers to {POD} {place}/{name}, which is new" for place, name in sorted(named & new)), "")


def _owner(obj: Obj, gone: References) -> str:
    owners = [owner for owner in obj.owners if owner.kind in (POD, CLAIM, VOLUME) and owner.uid in gone.by_uid]
    follows = bool(obj.owners) and len(owners) == len(obj.owners)
    return f"its owner {owners[0].kind} {owners[0].name} is gone" if follows else ""


def _reference(obj: Obj, gone: References) -> str:
    """The reason by a reference outside the owners: they are judged as a whole."""
    if obj.kind.key in OWNED or obj.spec.get("deletionPolicy") == "Retain":
        return ""
    meta = {k: v for k, v in (obj.body.get("metadata") or {}).items() if k not in ("ownerReferences", "uid")}
    return gone.reason([{obj.kind.kind: obj.name}, obj.body | {"metadata": meta}])


def _may_follow(obj: Obj) -> bool:
    """Whether controllers may write objects of this type for others: one of CLEANED, or a custom type without data."""
    group, key = obj.kind.group, obj.kind.key
    return key in CLEANED or ("." in group and not group.endswith(".k8s.io") and not DATA.search(key))


def _claims(pod: Obj) -> set[str]:
    return {str((v.get("persistentVolumeClaim") or {}).get("claimName", "")) for v in pod.spec.get("volumes") or []}
