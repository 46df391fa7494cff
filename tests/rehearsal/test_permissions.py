"""On a real plane: the printed roles are enough for their commands, and nothing is written with one right less."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec import Struct

from ks_reset import local
from ks_reset.catalogue.names import DEPLOYMENT_KIND, NAMESPACE_KIND, WORKSPACE_KIND
from ks_reset.cluster import Client, Target, connect_client, until
from ks_reset.model import Body, Kind
from ks_reset.rehearsal.objects import read_manifests
from ks_reset.rehearsal.plane.plane import Plane
from tests.rbac import Rbac
from tests.rehearsal import audit
from tests.rehearsal.command import Command

pytestmark = pytest.mark.rehearsal
ACCOUNT = Kind("", "v1", "ServiceAccount", "serviceaccounts", True)
RBAC_KINDS = {
    kind: Kind("rbac.authorization.k8s.io", "v1", kind, f"{kind.lower()}s", not kind.startswith("Cluster"))
    for kind in ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")
}


class Limited(Struct):
    """A plane with a namespace in danger; `admin` may do all, `run` what the roles of the account `ops:cure` say."""

    plane: Plane
    admin: Command
    run: Command
    account: Client

    def printed(self, what: str) -> list[Body]:
        """The objects that `permissions` prints for the account."""
        done = self.admin("permissions", what, "--serviceaccount", "ops:cure")
        assert done.returncode == 0, done.stderr
        return list(yaml.safe_load_all(done.stdout))

    def grant(self, objects: list[Body]) -> None:
        """Let the account have these roles, whatever roles of these names it had."""
        for body in objects:
            kind, meta = RBAC_KINDS[body["kind"]], body["metadata"]
            if self.plane.cluster.get(kind, meta["name"], meta.get("namespace", "")) is None:
                self.plane.cluster.create(kind, body)
            elif "rules" in body:
                self.plane.cluster.merge_patch(kind, meta["name"], meta.get("namespace", ""), {"rules": body["rules"]})

    def may(self, grant: Body, namespace: str) -> bool:
        """Whether the API server allows the account what this single grant says."""
        group, resource = grant["apiGroups"][0], grant["resources"][0]
        kind = Kind(group, "v1", "", resource, bool(namespace))
        return self.account.is_allowed(grant["verbs"][0], kind, namespace, grant.get("resourceNames", [""])[0])


def endanger(cluster: Client) -> None:
    """A namespace owned by a Workspace in deletion, and the controller that would finish that deletion."""
    crds = read_manifests(local.shared_folder("examples") / "incident" / "common" / "10-crds.yaml")
    crd = next(body for body in crds if body["metadata"]["name"] == "workspaces.tenant.kubesphere.io")
    cluster.create(Kind("apiextensions.k8s.io", "v1", crd["kind"], "customresourcedefinitions", False), crd)
    cluster.create(NAMESPACE_KIND, {"metadata": {"name": "kubesphere-system"}})
    labels = {"app": "ks-controller-manager"}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "manager", "image": "manager"}]}}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": pod}
    meta = {"name": "ks-controller-manager", "namespace": "kubesphere-system"}
    cluster.create(DEPLOYMENT_KIND, {"metadata": meta, "spec": spec})
    assert until(lambda: WORKSPACE_KIND.key in cluster.kinds(), 30)
    finalizers = ["finalizers.tenant.kubesphere.io"]
    body = {"apiVersion": WORKSPACE_KIND.api_version, "kind": "Workspace", "metadata": {"name": "ws1"}}
    body["metadata"] = {"name": "ws1", "finalizers": finalizers}
    owner = cluster.create(WORKSPACE_KIND, body)
    reference = {"apiVersion": WORKSPACE_KIND.api_version, "kind": "Workspace", "name": "ws1"}
    reference |= {"uid": owner["metadata"]["uid"], "controller": True, "blockOwnerDeletion": True}
    shop = {"name": "shop", "labels": {"kubesphere.io/workspace": "ws1"}, "ownerReferences": [reference]}
    cluster.create(NAMESPACE_KIND, {"metadata": shop})
    cluster.delete(WORKSPACE_KIND, "ws1")


def kubeconfig_of_account(plane: Plane, folder: Path) -> Path:
    """A kubeconfig with a token of the ServiceAccount ops/cure, made now."""
    cluster = plane.cluster
    cluster.create(NAMESPACE_KIND, {"metadata": {"name": "ops"}})
    cluster.create(ACCOUNT, {"metadata": {"name": "cure", "namespace": "ops"}})
    made = cluster.request("POST", f"{ACCOUNT.path('ops', 'cure')}/token", {"spec": {}})
    config = json.loads(plane.kubeconfig.read_text())
    config["users"][0]["user"] = {"token": made["status"]["token"]}
    path = folder / "account"
    path.write_text(json.dumps(config))
    return path


@pytest.fixture
def limited(programs: Path, tmp_path: Path) -> Iterator[Limited]:
    with Plane.start("host", programs, tmp_path) as plane:
        endanger(plane.cluster)
        path = kubeconfig_of_account(plane, tmp_path)
        admin, run = (Command.on(each, tmp_path) for each in (plane.kubeconfig, path))
        yield Limited(plane, admin, run, connect_client(Target(str(path), "host", agent="test")))


def test_doctor_plan_and_apply_run_under_the_printed_roles_and_write_nothing_with_one_right_less(
    limited: Limited, tmp_path: Path
) -> None:
    plan = str(tmp_path / "plan.json")
    assert limited.run("doctor").returncode == 5, "the account has no rights yet"
    limited.grant(limited.printed("doctor"))
    assert until(lambda: limited.may({"apiGroups": [""], "resources": ["secrets"], "verbs": ["list"]}, ""), 30)
    assert limited.run("doctor").returncode == 3
    made = limited.run("plan", "defuse", "--out", plan)
    assert made.returncode == 0, made.stdout + made.stderr
    assert limited.run("apply", plan, "--yes").returncode == 4, "the roles for reading write nothing"
    roles = limited.printed(plan)
    limited.grant(roles)
    assert until(lambda: all(limited.may(each, namespace_of(each, roles)) for each, _ in writes_of(roles)), 30)
    for grant, less in writes_of(roles):
        limited.grant(less.roles)
        namespace = namespace_of(grant, roles)
        assert until(lambda: not limited.may(grant, namespace), 30), grant  # noqa: B023
        refused = limited.run("apply", plan, "--yes")
        said = " ".join(refused.stderr.split())
        assert refused.returncode == 4, said
        assert f"lacks the verb {grant['verbs'][0]} on {grant['resources'][0]}" in said
    assert audit.writes(tmp_path) == 0
    limited.grant(roles)
    assert until(lambda: all(limited.may(each, namespace_of(each, roles)) for each, _ in writes_of(roles)), 30)
    done = limited.run("apply", plan, "--yes")
    assert done.returncode == 0, done.stderr
    assert not (limited.plane.cluster.get(NAMESPACE_KIND, "shop") or {})["metadata"].get("ownerReferences")
    assert limited.run("plan", "defuse").returncode == 0


def writes_of(objects: list[Body]) -> list[tuple[Body, Rbac]]:
    """Each grant of a write, with the roles without it; access reviews are granted to everybody by default."""
    every = [*Rbac(objects).single_grants()]
    reviews = "selfsubjectaccessreviews"
    return [(g, rest) for g, rest in every if g["verbs"][0] not in ("get", "list") and reviews not in g["resources"]]


def namespace_of(grant: Body, objects: list[Body]) -> str:
    """The namespace of the role that has this grant, "" for a ClusterRole."""
    wanted: Any = grant["resources"][0]
    return next(
        (o["metadata"]["namespace"] for o in objects if o["kind"] == "Role" and wanted in o["rules"][0]["resources"]),
        "",
    )
