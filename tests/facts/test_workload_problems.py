"""The reason of each workload that does not become ready."""

from typing import Any

import pytest

from ks_reset.facts.workload_problems import workload_problems
from tests.build import cluster

WHERE = {"namespace": "kubesphere-system"}


def pod(**status: Any) -> dict[str, Any]:
    return {"kind": "Pod", "metadata": {"name": "ks-console-0", **WHERE}, "status": status}


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    state = {"waiting": {"reason": reason, "message": message}}
    return pod(containerStatuses=[{"name": "ks-console", "image": "kubesphere/ks-console:v3.3.1", "state": state}])


CLAIM = {
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "data-0", **WHERE},
    "spec": {"storageClassName": "fast"},
    "status": {"phase": "Pending"},
}
SET = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "ks-console", **WHERE}}
REFUSED = {"type": "ReplicaFailure", "status": "True", "message": "exceeded quota: q"}
UNPLACED = {"type": "PodScheduled", "status": "False", "message": "0/3 nodes are available"}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (waiting("ImagePullBackOff", "404"), "its image kubesphere/ks-console:v3.3.1 cannot be pulled: 404"),
        (waiting("CrashLoopBackOff"), "its container ks-console keeps crashing"),
        (pod(conditions=[UNPLACED]), "it cannot be scheduled: 0/3 nodes are available"),
        (CLAIM, "no volume is bound to it (StorageClass fast)"),
        (SET | {"status": {"conditions": [REFUSED]}}, "its pods are refused: exceeded quota: q"),
    ],
)
def test_the_reason_of_an_unready_workload_is_reported(row: dict[str, Any], said: str) -> None:
    found = workload_problems(cluster("host", [row]))
    assert [line.partition(": ")[2] for line in found] == [said]


@pytest.mark.parametrize(
    "row",
    [
        waiting("ContainerCreating"),
        CLAIM | {"status": {"phase": "Bound"}},
        SET | {"status": {"conditions": [REFUSED | {"status": "False"}]}},
        pod(conditions=[UNPLACED | {"status": "True"}]),
    ],
)
def test_a_progressing_workload_is_not_stuck(row: dict[str, Any]) -> None:
    assert workload_problems(cluster("host", [row])) == []


def test_workloads_of_others_or_in_deletion_are_not_checked() -> None:
    elsewhere, leaving = waiting("ErrImagePull"), waiting("ErrImagePull")
    elsewhere["metadata"] = {"name": "p", "namespace": "shop"}
    leaving["metadata"] = {"name": "q", "deletionTimestamp": "2026-01-01T00:00:00Z", **WHERE}
    assert workload_problems(cluster("host", [elsewhere, leaving])) == []
