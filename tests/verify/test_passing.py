"""Objects that nobody makes again are compared, of every type; what a controller makes or changes by itself is not."""

from typing import Any

import pytest

from ks_reset.verify import compare_bystanders
from tests.build import facts
from tests.shorthand import expand_case

ADDRESSES = {"subsets": [{"addresses": [{"ip": "10.0.0.9"}], "ports": [{"port": 5432}]}]}
ADAPTER = {"group": "a.example.com", "version": "v1", "service": {"namespace": "monitoring", "name": "adapter"}}
SELECTED = {"Service shop/web": {"spec": {"selector": {"app": "web"}}}}
USERS: list[Any] = [
    "Pod shop/bare",
    "ReplicaSet shop/bare",
    "ControllerRevision.v1.apps shop/bare",
    "Job.v1.batch shop/migrate",
    {"Endpoints shop/legacy-db": ADDRESSES},
    {"APIService v1.a.example.com": {"spec": ADAPTER}},
    "FlowSchema.v1.flowcontrol.apiserver.k8s.io mine",
    "PriorityLevelConfiguration.v1.flowcontrol.apiserver.k8s.io mine",
]
PASSING: list[Any] = [
    {"Pod shop/web-1-a": {"owners": ["ReplicaSet shop/web-1"]}},
    {"Pod kube-system/etcd-n1": {"annotations": {"kubernetes.io/config.mirror": "a"}}},
    {"Pod ci/agent-7": {"spec": {"restartPolicy": "Never"}}},
    {"Pod shop/ended": {"status": {"phase": "Succeeded"}}},
    {"ReplicaSet shop/web-1": {"owners": ["Deployment shop/web"]}},
    {"ControllerRevision.v1.apps shop/db-1": {"owners": ["StatefulSet shop/db"]}},
    {"Job.v1.batch shop/night-1": {"owners": ["CronJob.v1.batch shop/night"]}},
    {"Job.v1.batch shop/short": {"spec": {"ttlSecondsAfterFinished": 60}}},
    {"Endpoints shop/web": ADDRESSES},
    {"Endpoints default/kubernetes": ADDRESSES},
    {"Endpoints kube-system/lock": {"annotations": {"control-plane.alpha.kubernetes.io/leader": "a"}}},
    {"APIService v1.b.example.com": {"spec": {"group": "b.example.com", "version": "v1"}}},
    {"FlowSchema.v1.flowcontrol.apiserver.k8s.io exempt": {"annotations": {"apf.kubernetes.io/autoupdate-spec": "a"}}},
    "Lease.v1.coordination.k8s.io shop/lock",
    "Node n1",
]


def differences(row: Any, *now: Any) -> list[str]:
    """What the comparison tells of this object, with these rows in its place afterwards."""
    before, after = (facts(expand_case({"host": ["Namespace shop", SELECTED, *rows]})["host"]) for rows in ([row], now))
    return [change.what for change in compare_bystanders(before, after, ()).changes]


@pytest.mark.parametrize("row", USERS, ids=str)
def test_an_object_that_nobody_makes_again_is_missed(row: Any) -> None:
    title, fields = (row, {}) if isinstance(row, str) else next(iter(row.items()))
    assert differences(row) == ["is gone"]
    assert differences(row, row) == []
    assert differences(row, {title: {**fields, "uid": "again"}})[0].startswith("was recreated")
    assert differences(row, {title: {**fields, "labels": {"team": "x"}}}) == ["changed in metadata.labels"]


@pytest.mark.parametrize("row", PASSING, ids=str)
def test_what_is_made_or_changed_by_itself_is_not_missed(row: Any) -> None:
    assert differences(row) == []


def test_addresses_of_a_service_without_selector_are_compared() -> None:
    other = {"subsets": [{"addresses": [{"ip": "10.0.0.7"}]}]}
    assert differences({"Endpoints shop/legacy-db": ADDRESSES}, {"Endpoints shop/legacy-db": other}) == [
        "changed in subsets"
    ]


@pytest.mark.parametrize(
    "marks",
    [
        {"annotations": {"leader": "db-0", "renewTime": "1"}},
        {"labels": {"app.kubernetes.io/managed-by": "prometheus-operator"}},
    ],
    ids=["patroni", "kubelets"],
)
def test_addresses_that_a_program_writes_again_and_again_are_compared_by_existence(marks: dict[str, Any]) -> None:
    row = {"Endpoints shop/db": {**ADDRESSES, **marks}}
    later = {"Endpoints shop/db": {**marks, "annotations": {"leader": "db-1", "renewTime": "2"}}}
    assert differences(row, later) == []
    assert differences(row) == ["is gone"]
