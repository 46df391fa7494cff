"""Every shorthand of the case files with its expanded value."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from ks_reset.model import BeforeImage, Kind, Membership
from tests.cases import Case, FleetCase, load_case, load_cases
from tests.shorthand import expand_case, expand_dial, expand_image, expand_membership, expand_object, expand_owner

README = Path(__file__).parent / "README.md"
FEDERATED = {"group": "types.kubefed.io", "kind": "FederatedWorkspace"}
WORKSPACES = {"group": "tenant.kubesphere.io", "kind": "Workspace", "scope": "Cluster"}


@pytest.mark.parametrize(
    ("written", "body"),
    [
        ("Workspace", {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace"}),
        ("Namespace shop", {"kind": "Namespace", "metadata": {"name": "shop"}}),
        ("ConfigMap.v1 a/x", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": "a"}}),
        (
            "Workspace.v1beta1.tenant.kubesphere.io ws1",
            {"apiVersion": "tenant.kubesphere.io/v1beta1", "kind": "Workspace", "metadata": {"name": "ws1"}},
        ),
        (
            "Namespace shop: {labels: {team: a}, uid: u, deleted: true, status: {phase: Active}}",
            {
                "kind": "Namespace",
                "metadata": {
                    "name": "shop",
                    "labels": {"team": "a"},
                    "uid": "u",
                    "deletionTimestamp": "2026-01-01T00:00:00Z",
                },
                "status": {"phase": "Active"},
            },
        ),
        (
            "Deployment a/web: {replicas: 1, image: nginx, available: 1, spec: {paused: true}}",
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": "web", "namespace": "a"},
                "spec": {"replicas": 1, "template": {"spec": {"containers": [{"image": "nginx"}]}}, "paused": True},
                "status": {"availableReplicas": 1},
            },
        ),
        ("{kind: Pod, metadata: {name: p}}", {"kind": "Pod", "metadata": {"name": "p"}}),
    ],
)
def test_an_object_in_short_is_that_kubernetes_object(written: str, body: dict[str, Any]) -> None:
    assert expand_object(yaml.safe_load(written)) == body


@pytest.mark.parametrize(
    ("written", "field", "value"),
    [
        ("KubeFedCluster eu -> host", "spec", {"apiEndpoint": "https://host", "secretRef": {"name": "eu-secret"}}),
        ("KubeFedCluster eu -> host", "metadata", {"name": "eu", "namespace": "kube-federation-system"}),
        ("KubeFedCluster fed2/eu -> host", "metadata", {"name": "eu", "namespace": "fed2"}),
        ("FederatedTypeConfig ws -> Workspace", "spec", {"federatedType": FEDERATED, "targetType": WORKSPACES}),
        ("FederatedConfigMap a/x -> host, eu", "spec", {"placement": {"clusters": [{"name": "host"}, {"name": "eu"}]}}),
        ("FederatedConfigMap a/x -> everywhere", "spec", {"placement": {"clusterSelector": {}}}),
        (
            "CustomResourceDefinition bigs.example.com -> Big v1",
            "spec",
            {"group": "example.com", "names": {"kind": "Big"}, "versions": [{"name": "v1"}]},
        ),
        (
            "Secret a/sh.helm.release.v1.ks-core.v2 -> deployed: {labels: {more: x}}",
            "metadata",
            {
                "name": "sh.helm.release.v1.ks-core.v2",
                "namespace": "a",
                "labels": {"owner": "helm", "name": "ks-core", "status": "deployed", "version": "2", "more": "x"},
            },
        ),
    ],
)
def test_a_target_is_expanded_by_its_kind(written: str, field: str, value: Any) -> None:
    assert expand_object(yaml.safe_load(written))[field] == value


def test_an_owner_has_the_uid_that_its_object_gets_unless_another_is_given() -> None:
    meta = expand_object({"Namespace shop": {"owners": ["Workspace ws1"]}})["metadata"]
    owner = {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace", "name": "ws1"}
    assert meta["ownerReferences"] == [owner | {"uid": "uid-of-Workspace--ws1"}]
    assert expand_owner({"Workspace ws1": {"uid": "old"}}) == owner | {"uid": "old"}
    assert expand_owner("ConfigMap a/x")["uid"] == "uid-of-ConfigMap-a-x"
    assert expand_owner("ConfigMap a/x")["apiVersion"] == "v1"


def test_a_dial_names_the_record_and_the_cluster_that_answers() -> None:
    assert expand_dial("eu -> host") == {"record": "eu", "identity": "host"}
    assert expand_dial({"eu -> host": {"way": "Cluster"}}) == {"record": "eu", "identity": "host", "way": "Cluster"}
    assert expand_dial({"eu": "unreachable"}) == {"record": "eu", "reach": "unreachable"}
    assert expand_dial({"record": "eu", "reach": "unreachable"}) == {"record": "eu", "reach": "unreachable"}


def test_an_image_is_an_object_of_a_cluster_with_its_own_fields_among_the_objects() -> None:
    user = Kind("iam.kubesphere.io", "v1alpha2", "User", "users", False)
    body = {"metadata": {"name": "admin"}, "spec": {"email": "a@b"}}
    found = expand_image({"host User admin": {"spec": {"email": "a@b"}, "sealed": True}})
    assert found == BeforeImage("uid-of-host", user, body, sealed=True)
    secret = expand_image("eu Secret a/x")
    assert secret.kind == Kind("", "v1", "Secret", "secrets", True)


def test_a_membership_is_a_namespace_and_its_workspace() -> None:
    assert expand_membership("eu shop -> ws1") == Membership("uid-of-eu", "shop", "uid-of-Namespace--shop", "ws1")
    assert expand_membership({"eu shop -> ws1": {"uid": "u"}}) == Membership("uid-of-eu", "shop", "u", "ws1")


def test_an_unknown_key_of_a_case_fails_with_the_name_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text("why: x\nhosts: []\n")
    with pytest.raises(AssertionError, match=r"odd\.yaml: .*hosts"):
        load_case(path, Case)
    with pytest.raises(AssertionError, match="there is no case in"):
        load_cases("nothing", Case)


def test_a_case_has_the_facts_of_its_fleet(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    path.write_text("why: x\nhost: [Workspace, Namespace shop]\nmembers: {eu: [Namespace cart]}\n")
    case = load_case(path, FleetCase)
    assert (case.name, [obj.title for obj in case.facts.members[0].all()]) == ("one", ["Namespace cart"])


def test_the_examples_of_the_readme_are_true() -> None:
    examples = README.read_text().split("```yaml\n")[1:]
    assert examples
    for example in examples:
        document = yaml.safe_load(example.partition("```")[0])
        assert expand_case(document) != document
