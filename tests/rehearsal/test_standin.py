"""The stand-in writes the same as the real controllers of KubeSphere 3.3.1.

The expected marks are those of a business namespace recorded from the real ks-controller-manager.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ks_reset.cluster import Client, until
from ks_reset.local import shared_folder
from ks_reset.model import Body
from ks_reset.rehearsal.objects import put_objects, read_manifests
from ks_reset.rehearsal.plane.plane import Plane
from ks_reset.rehearsal.plane.process import Process
from ks_reset.rehearsal.standin.api import CORE_NAMESPACE, ROLE, ROLE_BINDING, WORKSPACE
from ks_reset.rehearsal.standin.lock import CONFIG_MAP, LEASE, NAME, NAMESPACE

pytestmark = pytest.mark.rehearsal


@pytest.fixture(scope="module")
def cluster(programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A plane with KubeSphere's types, Workspace ws1 and the stand-in of a member."""
    root = tmp_path_factory.mktemp("standin")
    with Plane.start("one", programs, root) as plane:
        common = shared_folder("examples") / "incident" / "common"
        for file in ("00-namespaces.yaml", "10-crds.yaml", "20-iam.yaml"):
            put_objects(plane.cluster, read_manifests(common / file))
        plane.cluster.create(WORKSPACE, {"apiVersion": WORKSPACE.api_version, "kind": "Workspace"} | named("ws1"))
        argv = [sys.executable, "-m", "ks_reset.rehearsal.standin", f"--kubeconfig={plane.kubeconfig}"]
        process = Process("standin", [*argv, "--context=one"], root / "standin.log")
        yield plane.cluster
        process.stop()


def named(name: str, **metadata: object) -> Body:
    return {"metadata": {"name": name, **metadata}}


def namespace(cluster: Client, name: str) -> Body:
    return (cluster.get(CORE_NAMESPACE, name) or named(name))["metadata"]  # type: ignore[no-any-return]


def bound(cluster: Client, name: str) -> bool:
    has_owner = bool(namespace(cluster, name).get("ownerReferences"))
    return has_owner and cluster.get(ROLE, "viewer", name) is not None


def test_a_namespace_of_a_workspace_gets_the_recorded_marks(cluster: Client) -> None:
    annotations = {"kubesphere.io/creator": "admin"}
    cluster.create(CORE_NAMESPACE, named("biz", labels={"kubesphere.io/workspace": "ws1"}, annotations=annotations))
    assert until(lambda: bound(cluster, "biz"), 20)
    found, owner = namespace(cluster, "biz"), cluster.get(WORKSPACE, "ws1") or {}
    assert found["labels"] == {
        "kubernetes.io/metadata.name": "biz",
        "kubesphere.io/namespace": "biz",
        "kubesphere.io/workspace": "ws1",
    }
    assert found["finalizers"] == ["finalizers.kubesphere.io/namespaces"]
    assert found["ownerReferences"] == [
        {
            "apiVersion": "tenant.kubesphere.io/v1alpha1",
            "blockOwnerDeletion": True,
            "controller": True,
            "kind": "Workspace",
            "name": "ws1",
            "uid": owner["metadata"]["uid"],
        }
    ]
    assert owner["metadata"]["finalizers"] == ["finalizers.tenant.kubesphere.io"]


def test_its_roles_are_marked_and_its_creator_is_bound(cluster: Client) -> None:
    annotations = {"kubesphere.io/creator": "admin"}
    cluster.create(CORE_NAMESPACE, named("made", labels={"kubesphere.io/workspace": "ws1"}, annotations=annotations))
    assert until(lambda: bound(cluster, "made"), 20)
    roles = {r["metadata"]["name"]: r["metadata"]["annotations"] for r in cluster.list(ROLE, "made")}
    assert set(roles) == {"admin", "operator", "viewer"}
    for marks in roles.values():
        assert marks["kubesphere.io/creator"] == "system"
        assert "iam.kubesphere.io/aggregation-roles" in marks
    binding = cluster.get(ROLE_BINDING, "admin-admin", "made") or {}
    assert binding["metadata"]["labels"] == {"iam.kubesphere.io/user-ref": "admin"}
    assert binding["subjects"] == [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "admin"}]


def test_a_namespace_in_no_workspace_keeps_its_roles_and_gets_finalizer_and_label(cluster: Client) -> None:
    cluster.create(CORE_NAMESPACE, named("plain"))
    cluster.create(ROLE, {**named("admin", namespace="plain"), "rules": []})
    assert until(lambda: "finalizers" in namespace(cluster, "plain"), 20)
    assert namespace(cluster, "plain")["labels"]["kubesphere.io/namespace"] == "plain"
    assert "ownerReferences" not in namespace(cluster, "plain")
    assert [role["metadata"]["name"] for role in cluster.list(ROLE, "plain")] == ["admin"]


def test_a_namespace_that_kubefed_manages_gets_no_owner(cluster: Client) -> None:
    marks = {"kubesphere.io/workspace": "ws1", "kubefed.io/managed": "true"}
    cluster.create(CORE_NAMESPACE, named("spread", labels=marks))
    assert until(lambda: cluster.get(ROLE, "viewer", "spread") is not None, 20)
    assert "ownerReferences" not in namespace(cluster, "spread")


def test_a_namespace_that_is_deleted_is_let_go(cluster: Client) -> None:
    cluster.create(CORE_NAMESPACE, named("short"))
    assert until(lambda: "finalizers" in namespace(cluster, "short"), 20)
    cluster.delete(CORE_NAMESPACE, "short")
    assert until(lambda: cluster.get(CORE_NAMESPACE, "short") is None, 30)


def test_it_renews_the_lock_of_the_real_one(cluster: Client) -> None:
    def renewed() -> str:
        lease = cluster.get(LEASE, NAME, NAMESPACE)
        return str(lease["spec"]["renewTime"]) if lease else ""

    assert until(lambda: bool(renewed()), 20)
    first = renewed()
    assert until(lambda: renewed() != first, 20)
    annotations = (cluster.get(CONFIG_MAP, NAME, NAMESPACE) or {})["metadata"]["annotations"]
    assert "renewTime" in annotations["control-plane.alpha.kubernetes.io/leader"]
