"""On a real plane: lists of KubeSphere's own that fail for want of a backend, and its namespace in deletion."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ks_reset.catalogue.names import CONFIG_MAP_KIND, CRD_KIND, NAMESPACE_KIND
from ks_reset.cluster import Client, until
from ks_reset.errors import ResetError
from ks_reset.model import Kind
from ks_reset.rehearsal.plane.plane import Plane
from tests.rehearsal.command import Command

pytestmark = pytest.mark.rehearsal
GROUP, MONITORING, FEDERATION = "notification.kubesphere.io", "kubesphere-monitoring-system", "kube-federation-system"
RECEIVERS = f"receivers.{GROUP}"
API = Kind("apiregistration.k8s.io", "v1", "APIService", "apiservices", False)
OLD, NEW = (Kind(GROUP, version, "Receiver", "receivers", False) for version in ("v2beta1", "v2beta2"))
DEPLOYMENT, SYSTEM = Kind("apps", "v1", "Deployment", "deployments", True), "kubesphere-system"
ADAPTER = "v1beta1.custom.metrics.k8s.io"


def receivers(stored: str, conversion: dict[str, Any]) -> dict[str, Any]:
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    names = {"kind": "Receiver", "listKind": "ReceiverList", "plural": "receivers", "singular": "receiver"}
    versions = [
        {"name": name, "served": name == stored, "storage": name == stored, "schema": schema}
        for name in ("v2beta1", "v2beta2")
    ]
    return {"group": GROUP, "names": names, "scope": "Cluster", "versions": versions, "conversion": conversion}


def create(cluster: Client, kind: Kind, name: str, namespace: str = "", **fields: Any) -> None:
    meta = {"name": name, **({"namespace": namespace} if namespace else {}), **fields.pop("meta", {})}
    cluster.create(kind, {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": meta, **fields})


def is_listed(cluster: Client, kind: Kind) -> bool:
    try:
        cluster.list(kind)
    except ResetError:
        return False
    return True


def is_deleting(cluster: Client) -> bool:
    return "deletionTimestamp" in (cluster.get(CONFIG_MAP_KIND, "notes", FEDERATION) or {})["metadata"]


def break_backends(cluster: Client) -> None:
    """A receiver is stored in the old version; then the type moves on, and nobody converts. An API has no Service."""
    create(cluster, CRD_KIND, RECEIVERS, spec=receivers("v2beta1", {"strategy": "None"}))
    assert until(lambda: is_listed(cluster, OLD), 30)
    create(cluster, OLD, "pager", spec={"webhook": {"url": "http://pager.example.com"}})
    service = {"namespace": MONITORING, "name": "notification-manager-webhook", "path": "/convert"}
    webhook = {"conversionReviewVersions": ["v1"], "clientConfig": {"service": service}}
    moved = receivers("v2beta2", {"strategy": "Webhook", "webhook": webhook})
    cluster.merge_patch(CRD_KIND, RECEIVERS, "", {"spec": moved})
    spec = {"group": "custom.metrics.k8s.io", "version": "v1beta1", "groupPriorityMinimum": 100, "versionPriority": 100}
    spec |= {"service": {"namespace": MONITORING, "name": "prometheus-adapter"}, "insecureSkipTLSVerify": True}
    create(cluster, API, ADAPTER, spec=spec)
    create(cluster, NAMESPACE_KIND, SYSTEM)
    labels = {"app": "ks-controller-manager"}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "manager", "image": "manager"}]}}
    running = {"replicas": 1, "selector": {"matchLabels": labels}, "template": pod}
    create(cluster, DEPLOYMENT, "ks-controller-manager", SYSTEM, spec=running)
    create(cluster, NAMESPACE_KIND, "shop", meta={"labels": {"kubesphere.io/workspace": "ws1"}})
    create(cluster, CONFIG_MAP_KIND, "prices", "shop", data={"tea": "3"})
    assert until(lambda: not is_listed(cluster, NEW), 30)


@pytest.fixture(params=["1.24.17"])
def plane(programs: Path, tmp_path: Path) -> Iterator[Plane]:
    with Plane.start("host", programs, tmp_path) as made:
        break_backends(made.cluster)
        yield made


def test_brakes_and_seatbelt_work_and_repair_makes_the_lists_readable(plane: Plane, tmp_path: Path) -> None:
    run, plan = Command.on(plane.folder / "kubeconfig", tmp_path), str(tmp_path / "plan.json")
    seen = run("doctor")
    said = " ".join(seen.stdout.split())
    assert seen.returncode == 5, seen.stderr
    assert f"{MONITORING}/notification-manager-webhook, which converts {RECEIVERS}, has no endpoints" in said
    assert "ks-reset plan repair --context host --out repair.json" in said
    for book in ("unbind", "defuse"):
        assert run("plan", book).returncode == 0, book
    assert run("protect", "on").returncode == 0
    off = run("protect", "off")
    assert off.returncode == 0, off.stderr

    assert run("plan", "repair", "--out", plan).returncode == 0
    done = run("apply", plan, "--yes")
    assert done.returncode == 0, done.stderr
    assert [obj["metadata"]["name"] for obj in plane.cluster.list(NEW)] == ["pager"]
    assert plane.cluster.get(API, ADAPTER) is None
    assert run("doctor").returncode == 0
    assert run("plan", "repair", "--detailed-exitcode").returncode == 0


def test_an_uninstall_mends_them_first_and_takes_all_of_it(plane: Plane, tmp_path: Path) -> None:
    run, plan = Command.on(plane.folder / "kubeconfig", tmp_path), str(tmp_path / "plan.json")
    uid = (plane.cluster.get(NAMESPACE_KIND, "shop") or {})["metadata"]["uid"]
    planned = run("plan", "uninstall", "--out", plan)
    assert planned.returncode == 0, planned.stderr
    done = run("apply", plan, "--yes")
    assert done.returncode == 0, done.stderr
    assert plane.cluster.get(CRD_KIND, RECEIVERS) is None
    assert (plane.cluster.get(NAMESPACE_KIND, "shop") or {})["metadata"]["uid"] == uid
    verified = run("verify")
    assert verified.returncode == 0, verified.stdout
    assert run("plan", "uninstall").returncode == 0


def test_a_member_with_kubefeds_namespace_in_deletion_is_ready_once_what_holds_it_is_gone(
    programs: Path, tmp_path: Path
) -> None:
    with Plane.start("host", programs, tmp_path) as plane:
        run, cluster = Command.on(plane.folder / "kubeconfig", tmp_path), plane.cluster
        create(cluster, NAMESPACE_KIND, FEDERATION)
        create(cluster, CONFIG_MAP_KIND, "notes", FEDERATION, meta={"finalizers": ["dock.example.com/hold"]})
        namespace = (cluster.get(NAMESPACE_KIND, FEDERATION) or {})["metadata"]
        cluster.delete(NAMESPACE_KIND, FEDERATION, "", namespace["uid"])
        assert until(lambda: is_deleting(cluster), 30)
        refused = run("plan", "adopt-member")
        assert refused.returncode == 4, refused.stderr
        patch = f"kubectl --context host -n {FEDERATION} patch configmaps/notes --type=json"
        assert patch in " ".join(refused.stderr.split())
        assert run("protect", "status").returncode == 3, "no seatbelt was put on"
        cluster.merge_patch(CONFIG_MAP_KIND, "notes", FEDERATION, {"metadata": {"finalizers": None}})
        assert until(lambda: cluster.get(NAMESPACE_KIND, FEDERATION) is None, 60)
        assert run("plan", "adopt-member").returncode == 0
