"""Whether a member is joined, and the reason if it is not."""

from typing import Any

import pytest

from ks_reset.facts.join_status import missing_for_join
from tests.build import Rows, cluster

SERVED: Rows = [{"apiVersion": "core.kubefed.io/v1beta1", "kind": "KubeFedCluster"}]


def condition(kind: str, status: str, message: str = "", reason: str = "") -> dict[str, str]:
    return {"type": kind, "status": status, "message": message, "reason": reason}


READY = condition("Ready", "True", "Cluster is available now", "Ready")


def named(kind: str, *conditions: dict[str, str], **spec: bool) -> dict[str, Any]:
    group = "cluster.kubesphere.io/v1alpha1" if kind == "Cluster" else "core.kubefed.io/v1beta1"
    body = {"metadata": {"name": "eu"}, "spec": spec, "status": {"conditions": list(conditions)}}
    return {"apiVersion": group, "kind": kind, **body}


def test_a_member_is_joined_once_its_cluster_and_its_record_are_ready() -> None:
    cluster_, record = named("Cluster", READY, joinFederation=True), named("KubeFedCluster", READY)
    assert list(missing_for_join(cluster("host", [cluster_, record]), "eu")) == []
    assert list(missing_for_join(cluster("host", [*SERVED, cluster_]), "eu")) == ["KubeFedCluster eu does not exist"]
    assert list(missing_for_join(cluster("host", [*SERVED]), "eu")) == ["Cluster eu does not exist"]


def test_a_record_that_kubefed_does_not_reach_says_why() -> None:
    silent = condition("Ready", "False", "connection refused", "ClusterNotReachable")
    rows = [named("Cluster", READY, joinFederation=True), named("KubeFedCluster", silent)]
    said = "KubeFedCluster eu is not ready: connection refused: ClusterNotReachable"
    assert list(missing_for_join(cluster("host", rows), "eu")) == [said]


def test_the_reason_of_a_failed_join_is_reported_and_a_valid_certificate_is_no_reason() -> None:
    failed = condition("Federated", "False", "Cluster can not join federation control plane", "no token")
    lasts = condition("KubeConfigCertExpiresInSevenDays", "False", "2030-01-01")
    rows = [*SERVED, named("Cluster", failed, lasts, joinFederation=True)]
    assert next(iter(missing_for_join(cluster("host", rows), "eu"))) == (
        "Cluster eu is not ready: Cluster can not join federation control plane: no token"
    )


def test_a_cluster_without_a_status_is_not_ready_yet() -> None:
    rows = [*SERVED, named("Cluster", joinFederation=True), named("KubeFedCluster", READY)]
    assert list(missing_for_join(cluster("host", rows), "eu")) == ["Cluster eu is not ready"]


def test_a_host_of_3_never_looks_at_a_cluster_that_is_not_to_be_federated() -> None:
    assert list(missing_for_join(cluster("host", [*SERVED, named("Cluster", joinFederation=False)]), "eu")) == []


@pytest.mark.parametrize(("conditions", "said"), [((READY,), []), ((), ["Cluster eu is not ready"])])
def test_a_host_of_4_has_no_kubefed_and_reports_each_member_as_ready(
    conditions: tuple[dict[str, str], ...], said: list[str]
) -> None:
    assert list(missing_for_join(cluster("host", [named("Cluster", *conditions)]), "eu")) == said
