"""Objects of an installation and of a join: complete in the operator's files, with digests in the plan."""

from base64 import b64encode
from typing import Any

import pytest
import yaml
from msgspec import structs

from ks_reset.credentials.redact import digest_of
from ks_reset.errors import Refused, Usage
from ks_reset.install.objects import install_from_chart, install_from_manifest
from ks_reset.model import BeforeImage, Body, Kind, Memory, Source, Values
from ks_reset.workflows.joins import former_cluster, member_join, refuse_proxy
from tests.build import Rows, cluster, facts

VALUES = Values("v3.3.1", Source("installer.yaml"), jwt_secret="signs-tokens")
DEPLOYMENT = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "ks-installer", "namespace": "s"}}
CONFIGURATION = {"apiVersion": "installer.kubesphere.io/v1alpha1", "kind": "ClusterConfiguration"}
CLUSTER = Kind("cluster.kubesphere.io", "v1alpha1", "Cluster", "clusters", False)
CONFIG = b64encode(b"apiVersion: v1\nkind: Config\n").decode()


def manifest(*bodies: dict[str, Any]) -> bytes:
    return yaml.safe_dump_all(bodies).encode()


def test_each_cluster_gets_the_manifest_and_a_configuration_of_its_own() -> None:
    fleet = facts([DEPLOYMENT], {"eu": [DEPLOYMENT]})
    own = CONFIGURATION | {"metadata": {"name": "ks-installer", "namespace": "kubesphere-system"}, "spec": {"x": 1}}
    found = install_from_manifest(VALUES, fleet, manifest(DEPLOYMENT, own)).objects
    assert [(past.cluster, past.kind.kind) for past in found] == [
        ("uid-of-eu", "Deployment"),
        ("uid-of-eu", "ClusterConfiguration"),
        ("uid-of-host", "Deployment"),
        ("uid-of-host", "ClusterConfiguration"),
    ]
    specs = [past.body["spec"] for past in found if past.kind.kind != "Deployment"]
    assert [spec["multicluster"]["clusterRole"] for spec in specs] == ["member", "host"]
    assert all("x" not in spec for spec in specs)


def test_a_plan_gets_digests_of_credentials_and_says_that_they_have_to_be_given() -> None:
    found = install_from_manifest(VALUES, facts([DEPLOYMENT]), manifest(DEPLOYMENT)).objects
    assert [past.sealed for past in found] == [False, True]
    assert found[1].body["spec"]["authentication"]["jwtSecret"] == digest_of("signs-tokens")


@pytest.mark.parametrize("version", ["apps/v1beta1", "extensions/v1beta1"])
def test_a_manifest_with_an_unserved_type_is_refused(version: str) -> None:
    said = r"and host does not accept it: it (serves v1|does not serve that type)"
    with pytest.raises(Refused, match=said) as refused:
        install_from_manifest(VALUES, facts([DEPLOYMENT]), manifest(DEPLOYMENT | {"apiVersion": version}))
    assert "Set a version of KubeSphere for this version of Kubernetes in the values file" in str(refused.value)
    later = structs.replace(VALUES, version="v3.4.1")
    assert install_from_manifest(later, facts([DEPLOYMENT]), manifest(DEPLOYMENT)).objects


def test_a_chart_is_for_the_host_alone_and_its_values_hold_no_credential() -> None:
    found = install_from_chart(structs.replace(VALUES, version="v4.1.3"), facts([], {"eu": []}), "f" * 64, [DEPLOYMENT])
    assert [(chart.cluster, chart.sha256, chart.makes) for chart in found.charts] == [
        ("uid-of-host", "f" * 64, ("Deployment.apps s/ks-installer",))
    ]
    assert "signs-tokens" not in str(found)


def remembered(**connection: str) -> Memory:
    labels = {"cluster.kubesphere.io/group": "production"}
    meta = {"name": "eu", "labels": labels, "annotations": {"kubesphere.io/creator": "admin"}}
    body: Body = {"metadata": meta, "spec": {"provider": "aws", "joinFederation": True, "connection": connection}}
    return Memory("", "uid-of-host", objects=(BeforeImage("uid-of-host", CLUSTER, body),))


FEDERATED: Rows = [{"apiVersion": "core.kubefed.io/v1beta1", "kind": "KubeFedCluster"}]


def test_a_member_is_joined_as_it_was_by_the_kubeconfig_that_was_given() -> None:
    memory = remembered(kubeconfig="sha256:0123456789abcdef", externalKubernetesAPIEndpoint="https://eu.example")
    made = member_join(cluster("host", FEDERATED), cluster("eu", []), memory, CONFIG)
    assert (made.reaches, made.cluster.cluster, made.cluster.sealed) == ("uid-of-eu", "uid-of-host", True)
    meta, spec = made.cluster.body["metadata"], made.cluster.body["spec"]
    assert meta["labels"] == {"cluster.kubesphere.io/group": "production", "kubesphere.io/managed": "true"}
    assert (meta["annotations"], spec["provider"]) == ({"kubesphere.io/creator": "admin"}, "aws")
    assert (spec["joinFederation"], spec["connection"]) == (
        True,
        {
            "type": "direct",
            "kubeconfig": digest_of(CONFIG),
            "externalKubernetesAPIEndpoint": "https://eu.example",
        },
    )


def test_without_kubefed_a_join_does_not_mention_it() -> None:
    made = member_join(cluster("host", []), cluster("eu", []), None, CONFIG)
    assert "joinFederation" not in made.cluster.body["spec"]


@pytest.mark.parametrize(("user", "kept"), [("admin", {"kubesphere.io/creator": "admin"}), ("li-wei", {})])
def test_4_x_joins_a_member_only_if_its_creator_is_a_user(user: str, kept: dict[str, str]) -> None:
    host: Rows = [
        {"apiVersion": "tenant.kubesphere.io/v1beta1", "kind": "Workspace"},
        {"apiVersion": "iam.kubesphere.io/v1beta1", "kind": "User", "metadata": {"name": user}},
    ]
    memory = remembered()
    memory.objects[0].body["metadata"]["annotations"]["kubesphere.io/initialized"] = "2025-01-01T00:00:00Z"
    made = member_join(cluster("host", host), cluster("eu", []), memory, CONFIG)
    assert made.cluster.body["metadata"]["annotations"] == kept


def test_a_join_does_not_change_the_memory() -> None:
    memory = remembered()
    member_join(cluster("host", FEDERATED), cluster("eu", []), memory, CONFIG)
    assert former_cluster(memory, "eu")["metadata"]["labels"] == {"cluster.kubesphere.io/group": "production"}


def test_a_member_that_was_joined_through_a_proxy_is_not_joined_without_a_kubeconfig() -> None:
    refuse_proxy(former_cluster(remembered(type="direct"), "eu"), "eu")
    with pytest.raises(Usage, match="--join eu=FILE to join it directly"):
        refuse_proxy(former_cluster(remembered(type="proxy"), "eu"), "eu")
