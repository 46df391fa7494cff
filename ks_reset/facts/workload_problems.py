"""Why a workload does not start: an image, a claim, a node, a webhook or a quota; one sentence each."""

from collections.abc import Iterable

from msgspec import Struct

from ks_reset import catalogue
from ks_reset.catalogue.names import DEPLOYMENT_KEY, PERSISTENT_VOLUME_CLAIM_KEY, POD_KEY, REPLICA_SET_KEY
from ks_reset.credentials.digests import readable_text
from ks_reset.model import ClusterFacts, Obj

WAITS = {
    "ImagePullBackOff": "its image {image} cannot be pulled",
    "ErrImagePull": "its image {image} cannot be pulled",
    "InvalidImageName": "its image {image} has no valid name",
    "CrashLoopBackOff": "its container {name} keeps crashing",
    "CreateContainerConfigError": "its container {name} lacks a part of its configuration",
    "CreateContainerError": "its container {name} cannot be created",
}
"""Reasons of a waiting container (kubernetes v1.24.17, pkg/kubelet/images/types.go and
pkg/kubelet/kuberuntime/kuberuntime_container.go)."""
UNPULLED = ("ImagePullBackOff", "ErrImagePull", "InvalidImageName")
"""Those of an image that cannot be had."""


class WaitingContainer(Struct, frozen=True):
    """A container in a namespace of KubeSphere's that does not start, with the reason and message of the kubelet."""

    pod: Obj
    name: str
    image: str
    reason: str
    message: str


def waiting_containers(cluster: ClusterFacts) -> Iterable[WaitingContainer]:
    """The containers of Pods in KubeSphere's namespaces that wait for one of the reasons in WAITS."""
    return (waiting for pod in _own_objects(cluster, POD_KEY) for waiting in _waiting_in(pod))


def workload_problems(cluster: ClusterFacts) -> list[str]:
    """A line for each problem of a workload in KubeSphere's namespaces; no line twice."""
    problems = [
        *(line for pod in _own_objects(cluster, POD_KEY) for line in _pod_problems(pod)),
        *(line for claim in _own_objects(cluster, PERSISTENT_VOLUME_CLAIM_KEY) for line in _claim_problems(claim)),
        *(
            line
            for key in (REPLICA_SET_KEY, DEPLOYMENT_KEY)
            for each in _own_objects(cluster, key)
            for line in _replica_problems(each)
        ),
    ]
    return list(dict.fromkeys(problems))


def _own_objects(cluster: ClusterFacts, key: str) -> Iterable[Obj]:
    return (obj for obj in cluster.of(key) if catalogue.own_namespace(cluster, obj.namespace) and not obj.deleting)


def _waiting_in(pod: Obj) -> Iterable[WaitingContainer]:
    status = pod.body.get("status") or {}
    for container in (*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())):
        waiting = (container.get("state") or {}).get("waiting") or {}
        name, image = str(container.get("name", "?")), str(container.get("image", "?"))
        if (reason := str(waiting.get("reason"))) in WAITS:
            yield WaitingContainer(pod, name, image, reason, readable_text(waiting.get("message")))


def _pod_problems(pod: Obj) -> Iterable[str]:
    for each in _waiting_in(pod):
        problem = WAITS[each.reason].format(image=each.image, name=each.name)
        yield f"{pod.title}: {problem}{each.message and ': '}{each.message}"
    for condition in (pod.body.get("status") or {}).get("conditions") or ():
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            yield f"{pod.title}: it cannot be scheduled{_message_suffix(condition)}"


def _claim_problems(claim: Obj) -> Iterable[str]:
    if (claim.body.get("status") or {}).get("phase") == "Pending":
        storage_class = claim.spec.get("storageClassName")
        yield f"{claim.title}: no volume is bound to it (StorageClass {storage_class or 'none'})"


def _replica_problems(obj: Obj) -> Iterable[str]:
    """The answer of the API server, a webhook or a quota to the creation of a workload's pods."""
    for condition in (obj.body.get("status") or {}).get("conditions") or ():
        if condition.get("type") == "ReplicaFailure" and condition.get("status") == "True":
            yield f"{obj.title}: its pods are refused{_message_suffix(condition)}"


def _message_suffix(condition: dict[str, str]) -> str:
    return f": {text}" if (text := readable_text(condition.get("message"))) else ""
