"""An installation: its workloads, whether it has begun, and when ks-installer reports it as finished."""

from typing import Any

import pytest

from ks_reset.facts.installation import (
    expected_deployments,
    is_installation_begun,
    running_version,
    unfinished_parts,
    unready_deployments,
)
from ks_reset.model import BeforeImage, Chart, Install, Kind
from tests.build import Rows, cluster

SYSTEM = "kubesphere-system"
CONFIGURED = Kind("installer.kubesphere.io", "v1alpha1", "ClusterConfiguration", "clusterconfigurations", True)
ON = {"status": "enabled"}
DONE = {"core": {**ON, "version": "v3.3.1"}, "monitoring": ON}


def configured(status: dict[str, Any], spec: dict[str, Any] | None = None, tag: str = "v3.3.1") -> dict[str, Any]:
    about = {"name": "ks-installer", "namespace": SYSTEM, "labels": {"version": tag}}
    api = {"apiVersion": CONFIGURED.api_version, "kind": CONFIGURED.kind}
    return {**api, "metadata": about, "spec": spec or {}, "status": status}


def deployment(name: str, where: str = SYSTEM, image: str = "x", **status: int) -> dict[str, Any]:
    pod = {"spec": {"containers": [{"name": "main", "image": image}]}}
    body = {"metadata": {"name": name, "namespace": where, "generation": 2}, "spec": {"replicas": 1, "template": pod}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", **body, "status": status}


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ({}, ["ks-installer has not reported the core as enabled yet"]),
        ({"core": ON}, ["ks-installer has not finished: it writes the core's version last"]),
        ({**DONE, "servicemesh": {"status": "failed"}}, ["the component servicemesh is failed"]),
        ({**DONE, "clusterId": "1-2-3", "network": {"topology": ON}}, []),
        (DONE, []),
    ],
)
def test_an_installation_is_done_when_the_installer_has_written_the_version_of_the_core(
    status: dict[str, Any], said: list[str]
) -> None:
    assert unfinished_parts(cluster("host", [configured(status)]), []) == said


@pytest.mark.parametrize(("tag", "count"), [("v3.0.0", 0), ("v3.1.0", 0), ("v3.1.1", 1), ("v3.4.1", 1)])
def test_an_installer_before_3_1_1_writes_no_version(tag: str, count: int) -> None:
    assert len(unfinished_parts(cluster("host", [configured({"core": ON}, tag=tag)]), [])) == count


def test_a_requested_component_without_status_is_not_installed_although_the_version_is_written() -> None:
    spec = {"multicluster": {"clusterRole": "host"}, "metrics_server": {"enabled": True}, "devops": {"enabled": False}}
    wanted = ["the component metricsServer is not enabled yet", "the component multicluster is not enabled yet"]
    assert unfinished_parts(cluster("host", [configured(DONE, spec)]), []) == wanted
    there = {**DONE, "multicluster": ON, "metricsServer": ON}
    assert unfinished_parts(cluster("host", [configured(there, spec)]), []) == []


def test_a_member_does_not_wait_for_kubefed() -> None:
    assert unfinished_parts(cluster("eu", [configured(DONE, {"multicluster": {"clusterRole": "member"}})]), []) == []


def test_a_configuration_that_the_installer_is_recreating_is_waited_for() -> None:
    ready = deployment("ks-installer", availableReplicas=1, observedGeneration=2)
    assert unfinished_parts(cluster("host", [ready]), []) == ["ClusterConfiguration ks-installer does not exist"]
    assert unfinished_parts(cluster("host", []), []) == []


def test_a_deployment_is_ready_with_all_pods_and_at_least_one_replica() -> None:
    stopped = deployment("stopped", availableReplicas=0, observedGeneration=2)
    stopped["spec"]["replicas"] = 0
    rows: Rows = [deployment("new", availableReplicas=1, observedGeneration=1), stopped]
    rows += [deployment("good", availableReplicas=1, observedGeneration=2), deployment("bad", observedGeneration=2)]
    names = [(SYSTEM, name) for name in ("good", "bad", "new", "stopped", "gone")]
    assert unready_deployments(cluster("host", rows), names) == [
        f"Deployment.apps {SYSTEM}/bad: 0 of 1 pod(s) available",
        f"Deployment.apps {SYSTEM}/new: its controller has not seen its last change yet",
        f"Deployment.apps {SYSTEM}/stopped is stopped",
        f"Deployment {SYSTEM}/gone does not exist",
    ]


def test_other_workloads_in_kubespheres_namespaces_are_waited_for_once_and_users_are_not() -> None:
    elsewhere = deployment("web", "shop", observedGeneration=2)
    monitoring = deployment("kube-state-metrics", "kubesphere-monitoring-system", observedGeneration=2)
    rows = [deployment("ks-apiserver", observedGeneration=2), monitoring, elsewhere]
    assert unfinished_parts(cluster("host", rows), [(SYSTEM, "ks-apiserver")]) == [
        f"Deployment.apps {SYSTEM}/ks-apiserver: 0 of 1 pod(s) available",
        "Deployment.apps kubesphere-monitoring-system/kube-state-metrics: 0 of 1 pod(s) available",
    ]


@pytest.mark.parametrize(
    ("image", "status", "runs"),
    [
        ("docker.io/kubesphere/ks-apiserver:v3.3.2", DONE, "v3.3.2"),
        ("registry:5000/kubesphere/ks-apiserver:v4.1.3-rc.0", {}, "v4.1.3-rc.0"),
        ("registry:5000/kubesphere/ks-apiserver@sha256:00", DONE, "v3.3.1"),
        ("registry:5000/kubesphere/ks-apiserver:latest", {"core": ON}, ""),
    ],
)
def test_the_version_is_that_of_the_image_that_runs_else_what_the_installer_says(
    image: str, status: dict[str, Any], runs: str
) -> None:
    assert running_version(cluster("host", [deployment("ks-apiserver", image=image), configured(status)])) == runs


def test_an_installation_has_begun_with_a_configuration_or_with_a_release() -> None:
    labels = {"owner": "helm", "name": "ks-core"}
    release = {"kind": "Secret", "metadata": {"name": "a", "namespace": SYSTEM, "labels": labels}}
    other = {"kind": "Secret", "metadata": {"name": "a", "namespace": "shop", "labels": labels}}
    assert [is_installation_begun(cluster("host", rows)) for rows in ([configured({})], [release], [other], [])] == [
        *(True, True),
        *(False, False),
    ]


def test_a_host_is_expected_to_have_kubefed_and_a_chart_the_core() -> None:
    spec = {"multicluster": {"clusterRole": "host"}}
    install = Install(
        "v3.3.1", (BeforeImage("h", CONFIGURED, {"spec": spec}), BeforeImage("m", CONFIGURED, {"spec": {}}))
    )
    assert [place for place in expected_deployments(install) if place[2] == "kubefed-controller-manager"] == [
        ("h", "kube-federation-system", "kubefed-controller-manager")
    ]
    core = [("h", SYSTEM, name) for name in ("ks-apiserver", "ks-console", "ks-controller-manager")]
    assert list(expected_deployments(Install("v4.1.3", charts=(Chart("h", "", {}),)))) == core
    assert list(expected_deployments(None)) == []
