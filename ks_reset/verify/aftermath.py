"""What other controllers remove or change after the end of a pod, a claim or a volume, told apart by a reference.

A type alone proves nothing: the object must refer to something that is gone and was allowed to go. Types of users'
own objects (workloads, configuration, rights, namespaces, types) are never told apart. Sources: Calico writes
handle_id, pod and namespace into IPAMBlock and names the IPAMHandle in handleID (projectcalico/calico v3.26.4,
libcalico-go/lib/apis/v3/ipam_block.go, ipam_handle.go, lib/ipam/ipam.go); the attach/detach controller removes a
VolumeAttachment once no pod on its node mounts the volume (kubernetes v1.24.17, pkg/controller/volume/attachdetach).
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from ks_reset.model import ClusterFacts, Obj

POD, CLAIM, VOLUME, ATTACHMENT = "Pod", "PersistentVolumeClaim", "PersistentVolume", "VolumeAttachment.storage.k8s.io"
DERIVED = {
    *("Event", "Event.events.k8s.io", "EndpointSlice.discovery.k8s.io", "PodMetrics.metrics.k8s.io"),
    *("ResourceClaim.resource.k8s.io", "CSIStorageCapacity.storage.k8s.io", CLAIM, ATTACHMENT),
    *("VolumeSnapshotContent.snapshot.storage.k8s.io", "PodSchedulingContext.resource.k8s.io"),
}
"""Types of Kubernetes that controllers write for pods and claims."""
POD_FIELDS = ("pod", "podName", "pod_name")
NAMESPACE_FIELDS = ("namespace", "podNamespace", "pod_namespace")
CONTAINER, NETWORK = "cni.projectcalico.org/containerID", "k8s-pod-network"
"""Calico's annotation on a pod, and the network in its manifests; `<network>.<container>` is the handle."""
HANDLE_FIELDS = ("handle_id", "handleID")


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
        if now is None or now.uid != was.uid:
            return self._owner(was) or self._attachment(was) or self._reference(was.body, was)
        changed = [(was.body.get(field), now.body.get(field)) for field in fields]
        reasons = [self._reference(old, was) or self._new_pod(new) for old, new in changed]
        return reasons[0] if reasons and all(reasons) else ""

    @cached_property
    def _gone_pods(self) -> dict[str, str]:
        """The UIDs of pods that are gone, with their titles."""
        if not self._knows_pods:
            return {}
        living = {pod.uid for pod in self.after.of(POD)}
        return {pod.uid: pod.title for pod in self.before.of(POD) if pod.uid not in living}

    @property
    def _knows_pods(self) -> bool:
        return POD in self.before.objects and POD in self.after.objects

    @cached_property
    def _gone(self) -> dict[str, str]:
        """The UIDs of pods that are gone, and of everything that the plans let go except tenants, with titles."""
        living = {obj.uid for obj in self.after.all()}
        let_go = [obj for obj in self.before.all() if obj.uid in self.removed and obj.namespace]
        volumes = [obj for obj in self.before.of(VOLUME) if obj.uid in self.removed]
        return self._gone_pods | {o.uid: o.title for o in (*let_go, *volumes) if o.uid not in living}

    @cached_property
    def _gone_volumes(self) -> dict[str, str]:
        """The names and handles of the volumes that went with their claims."""
        gone = [volume for volume in self.before.of(VOLUME) if volume.uid in self._gone]
        handles = {str((v.spec.get("csi") or {}).get("volumeHandle") or v.name): v.title for v in gone}
        return {volume.name: volume.title for volume in gone} | handles

    @cached_property
    def _handles(self) -> dict[str, str]:
        """The handles that another object gives to a pod that is gone, with the title of that pod."""
        blocks = (part for obj in self.before.all() if _may_follow(obj) for part in _mappings(obj.body))
        found = ((part, self._pod_gone(part.get("secondary") or part)) for part in blocks if _handle(part))
        in_blocks = {_handle(part): pod for part, pod in found if pod}
        pods = (pod for pod in self.before.of(POD) if pod.uid in self._gone_pods and CONTAINER in pod.annotations)
        return in_blocks | {f"{NETWORK}.{pod.annotations[CONTAINER]}": pod.title for pod in pods}

    def _owner(self, obj: Obj) -> str:
        owners = [owner for owner in obj.owners if owner.kind in (POD, CLAIM, VOLUME) and owner.uid in self._gone]
        gone = bool(obj.owners) and len(owners) == len(obj.owners)
        return f"its owner {owners[0].kind} {owners[0].name} is gone" if gone else ""

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

    def _reference(self, part: Any, obj: Obj) -> str:
        if obj.kind.key == CLAIM or obj.spec.get("deletionPolicy") == "Retain":
            return ""
        values = [obj.name, *_strings(_without_owners(part))] if part is obj.body else list(_strings(part))
        title = next((self._known[value] for value in values if value in self._known), "")
        title = title or next((pod for mapping in _mappings(part) if (pod := self._pod_gone(mapping))), "")
        return f"it refers to {title}, which is gone" if title else ""

    @cached_property
    def _known(self) -> dict[str, str]:
        """The texts that stand for something gone, with its title."""
        return self._gone | self._gone_volumes | self._handles | self._pod_names

    @cached_property
    def _pod_names(self) -> dict[str, str]:
        """`namespace/name` of the pods that are gone."""
        return {title.partition(" ")[2]: title for title in self._gone_pods.values()}

    def _pod_gone(self, part: dict[str, Any]) -> str:
        """The title of the pod that a mapping names by namespace and name, if that pod is gone."""
        namespace, name = _pod_named(part)
        if not (namespace and name and self._knows_pods):
            return ""
        was, now = self.before.get(POD, name, namespace), self.after.get(POD, name, namespace)
        return "" if now and (was is None or was.uid == now.uid) else f"{POD} {namespace}/{name}"

    def _new_pod(self, part: Any) -> str:
        """The reason, if a part names a pod that was not there before."""
        for mapping in _mappings(part):
            namespace, name = _pod_named(mapping)
            now = self.after.get(POD, name, namespace)
            if now and self._knows_pods and now.uid not in {pod.uid for pod in self.before.of(POD)}:
                return f"it refers to {POD} {namespace}/{name}, which is new"
        return ""


def _may_follow(obj: Obj) -> bool:
    """Whether controllers write objects of this type for others: a custom type, or one of DERIVED."""
    group = obj.kind.group
    return obj.kind.key in DERIVED or ("." in group and not group.endswith(".k8s.io"))


def _strings(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _strings(inner)


def _mappings(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        yield part
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _mappings(inner)


def _without_owners(body: dict[str, Any]) -> dict[str, Any]:
    """The body without its owners: they are judged as a whole."""
    meta = {k: v for k, v in (body.get("metadata") or {}).items() if k not in ("ownerReferences", "uid")}
    return body | {"metadata": meta}


def _pod_named(part: dict[str, Any]) -> tuple[str, str]:
    fields = ("name", *POD_FIELDS) if part.get("kind") == POD else POD_FIELDS
    namespace = next((str(part[field]) for field in NAMESPACE_FIELDS if isinstance(part.get(field), str)), "")
    return namespace, next((str(part[field]) for field in fields if isinstance(part.get(field), str)), "")


def _handle(part: dict[str, Any]) -> str:
    return next((str(part[field]) for field in HANDLE_FIELDS if isinstance(part.get(field), str)), "")


def _claims(pod: Obj) -> set[str]:
    return {str((v.get("persistentVolumeClaim") or {}).get("claimName", "")) for v in pod.spec.get("volumes") or []}
