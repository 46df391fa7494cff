"""One plane with KubeSphere 3.3.1, then 4.1.3: its types, and its chart's own objects.

4.1's pods cannot run here: helm is real, the chart and its controllers are stand-ins.
"""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path

import pyrage
import yaml
from msgspec import Struct

from ks_reset import local
from ks_reset.model import Body, Kind
from ks_reset.rehearsal.build import STANDIN
from ks_reset.rehearsal.objects import put_objects, read_manifests
from ks_reset.rehearsal.plane.kubelet import Kubelet, Program
from ks_reset.rehearsal.plane.plane import Plane
from ks_reset.rehearsal.plane.process import Argv
from ks_reset.rehearsal.programs import binaries
from ks_reset.rehearsal.standin.installer import repeat_in_background, report_pods
from tests.rehearsal.charts import package
from tests.rehearsal.command import Command
from tests.rehearsal.registry import registry

NAMESPACE = Kind("", "v1", "Namespace", "namespaces", False)
BUSINESS = {"shop": "ws1", "cart": "ws1", "stock": "ws1", "lake": "ws2"}
PEOPLE = ("User", "Group", "GroupBinding", "GlobalRole", "GlobalRoleBinding", "WorkspaceRole", "WorkspaceRoleBinding")
TYPES = (
    ("tenant.kubesphere.io", "v1alpha1", "Workspace"),
    ("tenant.kubesphere.io", "v1alpha2", "WorkspaceTemplate"),
    *(("iam.kubesphere.io", "v1alpha2", kind) for kind in PEOPLE),
    *(("iam.kubesphere.io", "", kind) for kind in ("Role", "RoleBinding", "BuiltinRole")),
    ("cluster.kubesphere.io", "", "Cluster"),
    ("quota.kubesphere.io", "", "ResourceQuota"),
)
"""The types of 4.1.3, each with the version of 3.x still served (kubesphere v4.1.3,
config/ks-core/charts/ks-crds/crds)."""
VALUES = """
version: v4.1.3
source: {{path: {chart}, sha256: {sha256}}}
registry: {registry}
jwtSecret: a-secret-that-signs-tokens
allow: [kubernetes-version, storage-class, nodes]  # a rehearsal's API server is newer, and has no nodes
"""
OWN = {"cluster.kubesphere.io": "v1alpha1", "quota.kubesphere.io": "v1alpha2"}


class Moving(Struct):
    """The plane and its programs; `kubeconfig` has one context, host. `release`: that of the controllers."""

    plane: Plane
    folder: Path
    run: Command
    kubelet: Kubelet
    release: list[str]
    recipient: str
    vault: tuple[str, ...]
    uids: dict[str, str]

    def meta(self, namespace: str) -> Body:
        return (self.plane.cluster.get(NAMESPACE, namespace) or {"metadata": {}})["metadata"]  # type: ignore[no-any-return]

    def put(self, *bodies: Body) -> None:
        put_objects(self.plane.cluster, list(bodies))


@contextmanager
def three(folder: Path) -> Iterator[Moving]:
    """KubeSphere 3.3.1 on one plane: two Workspaces, namespaces bound to them, users and their roles."""
    programs, release = binaries.control_plane("1.34.4", print), ["3.3.1"]
    with Plane.start("host", programs, folder / "planes") as plane, ExitStack() as stack:
        kubelet = stack.enter_context(install_three(plane, folder, release))
        run = Command.on(plane.kubeconfig, folder)
        key = pyrage.x25519.Identity.generate()
        (folder / "key.txt").write_text(str(key))
        vault = ("--vault", str(folder / "vault.age"), "--identity", str(folder / "key.txt"))
        made = Moving(plane, folder, run, kubelet, release, str(key.to_public()), vault, {})
        made.put(*tenancy())
        yield made


def install_three(plane: Plane, folder: Path, release: list[str]) -> Kubelet:
    """Put the objects of KubeSphere 3.3.1 on a plane; the Kubelet runs the controllers of the `release` of the day."""
    common = local.shared_folder("examples") / "incident" / "common"
    put_objects(plane.cluster, read_manifests(common, {"cluster": plane.name, "role": "none"}))

    def argv() -> Argv:
        module = [sys.executable, "-m", "ks_reset.rehearsal.standin", f"--kubeconfig={plane.kubeconfig}"]
        return [*module, f"--context={plane.name}", f"--release={release[0]}"]

    return Kubelet(plane.cluster, Program(*STANDIN, argv, folder / f"standin-{plane.name}.log"))


def four(moving: Moving) -> None:
    """Install 4.1.3 by reinstall, from a chart with the objects of an installation; then its controllers run."""
    chart, values, plan = (moving.folder / name for name in ("ks-core.tgz", "install.yaml", "reinstall.json"))
    chart.write_bytes(make_chart())
    moving.release[0] = "4.1.3"
    with (
        registry(set()) as host,
        repeat_in_background([partial(report_pods, moving.plane.cluster, {STANDIN[1]})], print),
    ):
        values.write_text(VALUES.format(chart=chart, sha256=sha256(chart.read_bytes()).hexdigest(), registry=host))
        helm = {"KS_RESET_HELM": str(binaries.helm_program(print))}
        made = moving.run(
            "plan", "reinstall", "--values", str(values), "--plain-http", host, "--out", str(plan), **helm
        )
        assert made.returncode == 0, made.stderr
        applied = moving.run("apply", str(plan), "--values", str(values), "--yes", **helm)
        assert applied.returncode == 0, applied.stderr


def make_chart() -> bytes:
    """The chart with the objects of an installation; as the real one, it has the host's Cluster on a host alone."""
    about = {"name": "host", "labels": {"cluster-role.kubesphere.io/host": "", "kubesphere.io/managed": "true"}}
    ready = {"conditions": [{"type": "Ready", "status": "True"}]}
    own = [_built_in(scope, name) for scope in ("namespace", "workspace") for name in ("admin", "viewer")]
    cluster = yaml.safe_dump(_body("cluster.kubesphere.io/v1alpha1", "Cluster", about, status=ready))
    return package(
        yaml.safe_dump_all(_type(*each) for each in TYPES),
        own=yaml.safe_dump_all(own),
        cluster=f'{{{{- if ne .Values.multicluster.role "member" }}}}\n{cluster}{{{{- end }}}}\n',
    )


def tenancy() -> list[Body]:
    """Two Workspaces, and people: a password, a role of somebody's own making, a quota."""
    tenant, iam = "tenant.kubesphere.io/v1alpha2", "iam.kubesphere.io/v1alpha2"
    subject = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "li-wei"}
    own = {"kubesphere.io/workspace": "ws1"}
    ref, user = {"apiGroup": "iam.kubesphere.io", "kind": "WorkspaceRole"}, {"iam.kubesphere.io/user-ref": "li-wei"}
    rules = [{"apiGroups": ["iam.kubesphere.io"], "resources": ["members"], "verbs": ["get"]}]
    template = {"metadata": {}, "spec": {"manager": "li-wei", "networkIsolation": True}}
    return [
        *(_body(tenant, "WorkspaceTemplate", {"name": ws}, spec={"template": template}) for ws in ("ws1", "ws2")),
        *(_namespace(name, ws) for name, ws in BUSINESS.items()),
        _body(iam, "WorkspaceRole", {"name": "ws1-audit", "labels": own}, rules=rules),
        _body(
            iam,
            "WorkspaceRoleBinding",
            {"name": "li-wei-ws1-audit", "labels": own | user},
            roleRef=ref | {"name": "ws1-audit"},
            subjects=[subject],
        ),
        _body(
            "rbac.authorization.k8s.io/v1",
            "RoleBinding",
            {"name": "li-wei-viewer", "namespace": "shop", "labels": user},
            roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "viewer"},
            subjects=[subject],
        ),
        _body(
            "quota.kubesphere.io/v1alpha2",
            "ResourceQuota",
            {"name": "ws1"},
            spec={"quota": {"hard": {"limits.cpu": "4"}}, "selector": own},
        ),
    ]


def _namespace(name: str, workspace: str) -> Body:
    return _body("v1", "Namespace", {"name": name, "labels": {"kubesphere.io/workspace": workspace, "team": name}})


def _type(group: str, old: str, kind: str) -> Body:
    """A CRD accepting any content, with 4.1's version stored and 3.x's served, as in 4.1.3."""
    plural = f"{kind.lower()}s"
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    versions = [(OWN.get(group, "v1beta1"), True), *([(old, False)] if old else [])]
    scope = "Namespaced" if kind in ("Role", "RoleBinding") else "Cluster"
    spec = {
        "group": group,
        "scope": scope,
        "names": {"kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": kind.lower()},
        "versions": [{"name": name, "served": True, "storage": stored, "schema": schema} for name, stored in versions],
    }
    return _body("apiextensions.k8s.io/v1", "CustomResourceDefinition", {"name": f"{plural}.{group}"}, spec=spec)


def _built_in(scope: str, name: str) -> Body:
    kind = "Role" if scope == "namespace" else "WorkspaceRole"
    role = {"apiVersion": "iam.kubesphere.io/v1beta1", "kind": kind, "metadata": {"name": name}, "rules": []}
    about = {"name": f"{scope}-{name}", "labels": {"iam.kubesphere.io/scope": scope}}
    managed = {"matchLabels": {"kubesphere.io/managed": "true"}} if scope == "namespace" else {}
    return _body("iam.kubesphere.io/v1beta1", "BuiltinRole", about, role=role, targetSelector=managed)


def _body(api_version: str, kind: str, metadata: Body, **rest: object) -> Body:
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **rest}
