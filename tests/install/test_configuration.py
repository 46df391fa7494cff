"""Images and configuration of an installation, from the values file and the former configuration."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from ks_reset.errors import Usage
from ks_reset.facts.installation import jwt_secret
from ks_reset.install import images
from ks_reset.install.configuration import chart_values, render_configuration
from ks_reset.install.difference import unified_diff
from ks_reset.model import MANIFEST, Source, SourceContent, Values
from ks_reset.workflows.inputs import read_values
from ks_reset.workflows.installation import with_former_installation
from tests.build import Rows, facts
from tests.golden_files import same

NOTHING = SourceContent()
VALUES = Values("v3.3.1", Source("installer.yaml"))
SPEC: dict[str, Any] = {
    "authentication": {"jwtSecret": "sha256:0123456789abcdef"},
    "devops": {"enabled": True, "jenkinsMemoryReq": "4Gi"},
    "etcd": {"monitoring": False, "endpointIps": "10.0.0.1"},
    "multicluster": {"clusterRole": "host"},
}
RAN: Rows = [
    {
        "apiVersion": "installer.kubesphere.io/v1alpha1",
        "kind": "ClusterConfiguration",
        "metadata": {"name": "ks-installer", "namespace": "kubesphere-system"},
        "spec": SPEC,
    },
]


def test_images_are_the_cores_the_former_ones_and_the_named_ones() -> None:
    def workload(image: str, namespace: str = "kubesphere-system") -> dict[str, Any]:
        pod = {"containers": [{"image": image}], "initContainers": [{"image": "busybox@sha256:1"}]}
        meta = {"name": image.replace("/", "-").replace(":", "-"), "namespace": namespace}
        return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": {"template": {"spec": pod}}}

    ran = facts([workload("kubesphere/ks-apiserver:v3.3.1"), workload("redis:5"), workload("web:1", "shop")])
    wanted = msgspec.structs.replace(VALUES, images=("quay.io/argo/cd:v2",))
    found = images.needed_images(wanted, ran, NOTHING)
    assert "docker.io/library/redis:5" in found
    assert "docker.io/library/busybox@sha256:1" in found
    assert "quay.io/argo/cd:v2" in found
    assert not [image for image in found if "web" in image]
    assert len(found) == len(set(found)) == 6
    other = images.needed_images(msgspec.structs.replace(wanted, version="v3.4.1"), ran, NOTHING)
    assert "docker.io/library/redis:5" not in other
    assert images.full_reference("localhost:5000/a") == "localhost:5000/a:latest"
    assert images.full_reference("nginx") == "docker.io/library/nginx:latest"


def test_images_come_from_the_registry_except_those_in_the_manifest() -> None:
    moved = msgspec.structs.replace(VALUES, registry="harbor.example.com/ks")
    pod = {"containers": [{"image": "kubesphere/ks-installer:v3.3.1"}]}
    manifest = yaml.safe_dump({"kind": "Deployment", "spec": {"template": {"spec": pod}}}).encode()
    found = images.needed_images(moved, facts([]), SourceContent(kind=MANIFEST, data=manifest))
    assert found[0] == "docker.io/kubesphere/ks-installer:v3.3.1"
    assert {image.partition("/")[0] for image in found[1:]} == {"harbor.example.com"}


def test_values_override_the_former_configuration_and_a_digest_is_never_used_as_a_value() -> None:
    known = facts(RAN, {"eu": []})
    asked = msgspec.structs.replace(VALUES, components={"devops": False}, jwt_secret="s", storage_class="fast")
    spec = render_configuration(asked, known.host, known)["spec"]
    assert spec["devops"] == {"enabled": False, "jenkinsMemoryReq": "4Gi"}
    assert (spec["etcd"]["endpointIps"], spec["etcd"]["port"]) == ("10.0.0.1", 2379)
    assert spec["authentication"] == {"jwtSecret": "s"}
    assert spec["multicluster"] == {"clusterRole": "host"}
    assert render_configuration(VALUES, known.host, known)["spec"]["authentication"] == {"jwtSecret": ""}
    assert render_configuration(asked, known.members[0], known)["spec"]["multicluster"] == {"clusterRole": "member"}
    last = msgspec.structs.replace(asked, spec={"etcd": {"port": 1}, "multicluster": {"hostClusterName": "hub"}})
    made = render_configuration(last, known.host, known)["spec"]
    assert (made["etcd"]["port"], made["multicluster"]["hostClusterName"]) == (1, "hub")
    text = unified_diff({"spec": SPEC}, {"spec": spec}, "host")
    assert "-    enabled: true" in text
    assert "jwtSecret: s" not in text.replace("jwtSecret: sha256:", "")


@pytest.mark.parametrize("version", ["v3.0.0", "v3.1.1", "v3.2.1", "v3.3.1", "v3.4.1", "v4.1.1", "v4.1.2", "v4.1.3"])
def test_the_configuration_of_each_version_reads_as_in_its_golden_file(version: str) -> None:
    known = facts([], {"eu": []})
    asked = msgspec.structs.replace(
        VALUES,
        version=version,
        registry="r.example.com",
        jwt_secret="s",
        admin_password="P@88w0rd",
        host_cluster_name="hub",
    )
    made = (chart_values if asked.release >= (4,) else render_configuration)(asked, known.host, known)
    same(f"install_{version}.yaml", yaml.safe_dump(made, sort_keys=False))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: v3.3.1", "The least is"),
        ("version: 3.3\nsource: {path: x}", "Expected `str`"),
        ('version: "3.3.1"\nsource: {path: x}', "which is not KubeSphere's"),
        ("version: v3.3.1\nsource: {path: x}\nstorageclass: x", "storageclass"),
        (":", "is not valid"),
    ],
)
def test_an_invalid_values_file_is_reported(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    path.write_text(text)
    with pytest.raises(Usage, match=said):
        read_values(path)
    with pytest.raises(Usage, match="cannot be read"):
        read_values(tmp_path / "none.yaml")


def test_the_former_configuration_is_taken_from_memory_if_nothing_runs() -> None:
    now = with_former_installation(facts([]), facts(RAN))
    assert render_configuration(VALUES, now.host, now)["spec"]["devops"]["enabled"] is True
    kept = with_former_installation(facts(RAN), facts([]))
    assert render_configuration(VALUES, kept.host, kept)["spec"]["devops"]["enabled"] is True


@pytest.mark.parametrize(
    "said", ["{jwtSecret: s}", "{issuer: {jwtSecret: s}}", "{jwtSecret: '', issuer: {jwtSecret: s}}"]
)
def test_the_key_that_signs_tokens_is_found_where_3_x_and_where_4_x_keep_it(said: str) -> None:
    assert jwt_secret({"data": {"kubesphere.yaml": f"authentication: {said}"}}) == "s"


@pytest.mark.parametrize(
    "body", [{}, {"data": {"kubesphere.yaml": "multicluster: {}"}}, {"data": {"kubesphere.yaml": "x"}}]
)
def test_without_a_configured_key_there_is_none(body: dict[str, Any]) -> None:
    assert jwt_secret(body) == ""
