"""The memory of KubeSphere and the before images of a run: complete for a restore, without credentials."""

from typing import Any

import pytest
from msgspec import to_builtins

from ks_reset.catalogue.ownership import is_canary
from ks_reset.credentials.recorded import as_manifest, digest_fields
from ks_reset.facts.workspaces import membership_labels
from ks_reset.model import (
    BeforeImage,
    Delete,
    Kind,
    Marks,
    Material,
    Membership,
    Memory,
    Obj,
    Plan,
    PlannedConsequence,
    RemoveMarks,
    Request,
    Target,
)
from ks_reset.tenancy import canary
from ks_reset.tenancy.memberships import in_batches, with_first_bindable_first
from ks_reset.tenancy.memory import build_memory
from ks_reset.workflows.restore import before_images
from tests import build
from tests.build import Rows, facts

WORKSPACE = {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace"}
IAM = {"apiVersion": "iam.kubesphere.io/v1alpha2"}
NAMESPACE = Kind("", "v1", "Namespace", "namespaces", False)


def namespace(name: str, workspace: str = "", **meta: Any) -> dict[str, Any]:
    labels = {"kubesphere.io/workspace": workspace} if workspace else {}
    return {"kind": "Namespace", "metadata": {"name": name, "labels": labels, **meta}}


def test_memberships_are_by_label_or_owner_and_say_whether_the_workspace_is_on_the_cluster() -> None:
    owner = {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace", "name": "ws2", "uid": "u"}
    extension = {"kubesphere.io/extension-ref": "grafana", "kubesphere.io/managed": "true"}
    host: Rows = [
        WORKSPACE | {"metadata": {"name": "ws1"}},
        namespace("extension-grafana", labels=extension | {"kubesphere.io/workspace": "system-workspace"}),
        namespace("extension-shop", "ws1"),
        namespace("shop", "ws1"),
        namespace("lake", ownerReferences=[owner]),
        namespace("kube-system", "system-workspace"),
        namespace("kubesphere-system", "system-workspace"),
        namespace("intranet"),
    ]
    found = build_memory(facts(host, {"eu": [namespace("spread", "ws1")]}))
    assert [(b.cluster, b.namespace, b.workspace, b.there) for b in found.bonds] == [
        ("uid-of-eu", "spread", "ws1", False),
        ("uid-of-host", "extension-shop", "ws1", True),
        ("uid-of-host", "lake", "ws2", False),
        ("uid-of-host", "shop", "ws1", True),
    ]
    assert found.host == "uid-of-host"


def test_objects_are_the_hosts_own_without_server_fields_passwords_and_what_templates_make() -> None:
    role = {"kind": "WorkspaceRole", "metadata": {"name": "viewer"}}
    meta = {"name": "li-wei", "uid": "u", "resourceVersion": "7", "finalizers": ["finalizers.kubesphere.io/users"]}
    spread = {"metadata": {"name": "copy", "labels": {"kubefed.io/managed": "true"}}}
    own = {"kubesphere.io/workspace": "ws1"}
    host: Rows = [
        IAM
        | {
            "kind": "User",
            "metadata": meta,
            "spec": {"email": "a@b.c", "password": "sha256:0123456789abcdef"},
            "status": {"x": 1},
        },
        IAM | {"kind": "User"} | spread,
        IAM | {"kind": "RoleBase", "metadata": {"name": "workspace-viewer"}, "role": role},
        IAM | {"kind": "WorkspaceRole", "metadata": {"name": "ws1-viewer", "labels": own}},
        IAM
        | {"kind": "WorkspaceRole", "metadata": {"name": "ws1-auditor", "labels": own | spread["metadata"]["labels"]}},
        IAM
        | {"kind": "WorkspaceRole", "metadata": {"name": "ws1-special", "labels": own | {"kubefed.io/managed": "no"}}},
    ]
    found = [past.body for past in build_memory(facts(host)).objects]
    assert [body["metadata"] for body in found] == [{"name": "li-wei"}, {"name": "ws1-special", "labels": own}]
    assert (found[0]["spec"], "status" in found[0]) == ({"email": "a@b.c"}, False)


def test_of_4_x_the_roles_of_its_own_types_are_remembered_and_neither_built_in_ones_nor_what_it_makes_of_them() -> None:
    beta = {"apiVersion": "iam.kubesphere.io/v1beta1"}
    role = {"kind": "Role", "metadata": {"name": "viewer"}}
    derived = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role"}
    owner = {**beta, "kind": "Role", "name": "deployer", "uid": "u"}
    host: Rows = [
        namespace("shop", "ws1"),
        beta | {"kind": "BuiltinRole", "metadata": {"name": "project-viewer"}, "role": role},
        *(beta | {"kind": "Role", "metadata": {"name": n, "namespace": "shop"}} for n in ("viewer", "deployer")),
        beta | {"kind": "RoleBinding", "metadata": {"name": "b", "namespace": "shop"}},
        derived | {"metadata": {"name": "kubesphere:iam:deployer", "namespace": "shop", "ownerReferences": [owner]}},
        beta | {"kind": "Role", "metadata": {"name": "deployer", "namespace": "elsewhere"}},
    ]
    found = [past.obj.title for past in build_memory(facts(host)).objects]
    assert found == ["Role.iam.kubesphere.io shop/deployer", "RoleBinding.iam.kubesphere.io shop/b"]


def test_a_disabled_user_is_recorded_as_disabled() -> None:
    rows = [
        IAM | {"kind": "User", "metadata": {"name": n}, "spec": {}, "status": {"state": s, "lastLoginTime": "then"}}
        for n, s in (("out", "Disabled"), ("in", "Active"))
    ]
    found = {past.obj.name: past.body.get("status") for past in build_memory(facts(rows)).objects}
    assert found == {"out": {"state": "Disabled"}, "in": None}


def test_a_before_image_names_its_digest_fields_and_does_not_count_image_digests() -> None:
    applied = {"kubectl.kubernetes.io/last-applied-configuration": "sha256:1123456789abcdef", "a": "b"}
    meta = {"name": "x", "uid": "u", "ownerReferences": [{}], "annotations": applied}
    body = as_manifest(
        {"metadata": meta, "status": {}, "spec": {"image": "x@sha256:2", "env": [{"value": "sha256:3123456789abcdef"}]}}
    )
    assert body["metadata"] == {"name": "x", "annotations": {"a": "b"}}
    assert list(digest_fields(body)) == ["spec.env[0].value"]


def test_a_canary_has_a_name_of_63_characters_at_most_and_its_own_for_each_workspace() -> None:
    long = [canary.canary_namespace("w" * 60 + tail) for tail in ("a", "b")]
    assert canary.canary_namespace("ws1") == "ks-reset-canary-ws1"
    assert [len(name) for name in long] == [63, 63]
    assert long[0] != long[1]
    kinds = [kind.key for kind, body in canary.canary_objects("ws1", {}) if is_canary(Obj(kind, body))]
    assert kinds == ["Namespace", "ConfigMap", "Deployment.apps"]


@pytest.mark.parametrize(
    ("version", "labels"),
    [
        ("v1alpha1", {"kubesphere.io/workspace": "ws1"}),
        ("v1beta1", {"kubesphere.io/workspace": "ws1", "kubesphere.io/managed": "true"}),
    ],
)
def test_a_canary_is_bound_by_the_labels_that_the_cluster_binds_by(version: str, labels: dict[str, str]) -> None:
    world = facts([{"apiVersion": f"tenant.kubesphere.io/{version}", "kind": "Workspace"}]).host
    _, home = canary.canary_objects("ws1", membership_labels(world, "ws1"))[0]
    assert home["metadata"]["labels"] == {"ks-reset/canary": "ws1", **labels}


def test_batches_begin_with_one_whose_workspace_is_there_and_double_on_each_cluster() -> None:
    bonds = [Membership("a", "spread", "", "ws", there=False), *(Membership("a", f"n{i}", "", "ws") for i in range(8))]
    bonds += [Membership("b", f"n{i}", "", "ws") for i in range(3)]
    found = {(bond.cluster, bond.namespace): number for number, bond in in_batches(Memory("", "", tuple(bonds)))}
    assert [n for n, number in found.items() if number == 0] == [("a", "n0")]
    counts = [sum(number == n and where[0] == "a" for where, number in found.items()) for n in range(4)]
    assert counts == [1, 2, 4, 2]
    assert [number for where, number in found.items() if where[0] == "b"] == [1, 1, 2]


def test_the_first_namespace_is_one_that_can_be_bound() -> None:
    gone, shop = (Membership("uid-of-host", name, f"uid-of-Namespace--{name}", "ws1") for name in ("gone", "shop"))
    template = Kind("tenant.kubesphere.io", "v1alpha2", "WorkspaceTemplate", "workspacetemplates", False)
    memory = Memory(
        "", "uid-of-host", (gone, shop), (BeforeImage("uid-of-host", template, {"metadata": {"name": "ws1"}}),)
    )
    now = facts([WORKSPACE, namespace("shop")])
    assert [bond.namespace for bond in with_first_bindable_first(now, memory).bonds] == ["shop", "gone"]
    assert with_first_bindable_first(facts([WORKSPACE]), memory) == memory


def action(verb: type[Target], name: str, **more: Any) -> Any:
    return build.action(verb, "uid-of-host", NAMESPACE, name, uid=f"uid-of-Namespace--{name}", **more)


def test_a_runs_before_images_are_deleted_objects_their_dependents_and_the_first_state_of_changed_ones() -> None:
    secret = {"kind": "Secret", "metadata": {"name": "s", "namespace": "own"}}
    root = {"kind": "ConfigMap", "metadata": {"name": "kube-root-ca.crt", "namespace": "own"}}
    config = {
        "kind": "ConfigMap",
        "metadata": {"name": "c", "namespace": "own"},
        "data": {"k": "sha256:0123456789abcdef"},
    }
    before = facts([namespace("own"), namespace("shop", "ws1"), secret, root, config])
    one, two = (action(RemoveMarks, "shop", marks=Marks(labels={key: ""})) for key in ("kubesphere.io/workspace", "b"))
    gone, late = action(Delete, "own"), action(RemoveMarks, "late", marks=Marks(labels={"x": ""}))
    follow = [
        PlannedConsequence("s", "host", f"{key} own/{name}", "deleted", "")
        for key, name in (("Secret", "s"), ("ConfigMap", "kube-root-ca.crt"), ("ConfigMap", "c"))
    ]
    plan = Plan(
        6, "", "", "uninstall", "fleet", Request(), Material(), (), (), (one, two, gone), foreseen=tuple(follow)
    )
    late_body = {"metadata": {"name": "late", "uid": "uid-of-Namespace--late", "labels": {"x": "y"}}}
    seen = {"metadata": {"name": "shop", "uid": "uid-of-Namespace--shop", "labels": {}}}
    events = [
        {"event": "begin", "action": to_builtins(a), "before": b}
        for a, b in ((one, {}), (two, seen), (gone, {}), (late, late_body))
    ]
    found = before_images(plan, before, [{"event": "run"}, *events])
    said = [(p.obj.title, p.deed, tuple(p.marks.labels), bool(p.why)) for p in found]
    assert said == [
        ("Namespace own", "delete", (), False),
        ("Secret own/s", "delete", (), True),
        ("ConfigMap own/c", "delete", (), True),
        ("Namespace shop", "remove-marks", ("kubesphere.io/workspace", "b"), False),
        ("Namespace late", "remove-marks", ("x",), False),
    ]
    assert found[3].obj.labels == {"kubesphere.io/workspace": "ws1"}


def test_marks_that_are_empty_are_nothing() -> None:
    assert not Marks()
    assert Marks(labels={"a": "b"})
