"""Guards: the last check of each action before it is sent."""

from typing import Any

import pytest
from msgspec import structs

from ks_reset.cli.way_on import Call, complete_commands
from ks_reset.errors import ResetError
from ks_reset.guards import GUARDS, GuardContext
from ks_reset.model import Action, AddMarks, Delete, Marks, Obj, RemoveMarks, Request, Scale, Target
from tests import build
from tests.build import Rows, body_of, cluster, kind_of
from tests.commands import TAKES, commands_in, takes_all_flags
from tests.golden_files import same

WORKSPACE = {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace", "metadata": {"name": "ws1"}}
OWNER = {
    "apiVersion": "tenant.kubesphere.io/v1alpha1",
    "kind": "Workspace",
    "name": "ws1",
    "uid": "uid-of-Workspace--ws1",
}
OWNED = {"kind": "Namespace", "metadata": {"name": "shop", "ownerReferences": [OWNER]}}
CRD = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
SYSTEM = "kubesphere-system"
OWN = {"kind": "Namespace", "metadata": {"name": SYSTEM}}
RUNNING = ("Deployment.apps kubesphere-system/ks-controller-manager",)
MANAGER = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "ks-controller-manager", "namespace": "kubesphere-system", "uid": "manager"},
    "spec": {"replicas": 1},
}


def context(**fields: Any) -> dict[str, Any]:
    """Fields of a GuardContext unlike those of a run as it should be."""
    return fields


def first_refusal(action: Action, now: Obj, site: GuardContext) -> str:
    """The message of the first guard that refuses; "" if none does."""
    for guard in GUARDS:
        try:
            guard(action, now, site)
        except ResetError as error:
            return str(error)
    return ""


def refusal(row: dict[str, object], around: Rows, uid: str = "", verb: type[Target] = Delete, **read: Any) -> str:
    """The message of the first guard that refuses; empty if none does. `read` overrides fields of the context."""
    now = Obj(kind_of(row), body_of(row))
    action = build.action(verb, "uid-of-host", now.kind, now.name, namespace=now.namespace, uid=uid or now.uid)
    site = GuardContext(cluster("host", around), "uid-of-host", frozenset(), (), True, "me", "me")
    return first_refusal(action, now, structs.replace(site, **read))


@pytest.mark.parametrize(
    "row",
    [
        {"kind": "Namespace", "metadata": {"name": "shop"}},
        {"kind": "Namespace", "metadata": {"name": "kube-system"}},
        {"kind": "PersistentVolumeClaim", "metadata": {"name": "data", "namespace": "kubesphere-system"}},
        CRD | {"metadata": {"name": "widgets.shop.example.com"}, "spec": {"group": "shop.example.com"}},
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRole",
            "metadata": {"name": "cluster-admin", "labels": {"kubernetes.io/bootstrapping": "rbac-defaults"}},
        },
    ],
)
def test_a_protected_object_is_never_deleted(row: dict[str, object]) -> None:
    assert "Nothing was sent" in refusal(row, [])


@pytest.mark.parametrize(
    "row",
    [
        {"apiVersion": "odd.kubesphere.io/v1", "kind": "Widget", "metadata": {"name": "one", "namespace": "shop"}},
        CRD | {"metadata": {"name": "widgets.odd.kubesphere.io"}, "spec": {"group": "odd.kubesphere.io"}},
    ],
)
def test_a_type_that_stays_by_choice_is_not_deleted_nor_its_objects(row: dict[str, object]) -> None:
    assert refusal(row, []) == ""
    said = refusal(row, [], request=Request(kept_types=("widgets.odd.kubesphere.io",)))
    assert "the type widgets.odd.kubesphere.io stays with its objects (--keep-type)" in said


def test_a_recreated_object_is_not_deleted() -> None:
    assert "was recreated" in refusal(WORKSPACE, [], uid="planned")


def test_an_owner_of_a_users_namespace_is_not_deleted() -> None:
    assert "garbage collection would delete them" in refusal(WORKSPACE, [OWNED])


def test_no_marks_or_objects_are_removed_while_a_stopped_controller_runs_again() -> None:
    assert "started again" in refusal(WORKSPACE, [], restarted=RUNNING)
    assert "started again" in refusal(WORKSPACE, [], verb=RemoveMarks, restarted=RUNNING)
    assert refusal(MANAGER, [], verb=Scale, restarted=RUNNING) == ""


def test_an_object_of_kubesphere_without_dependents_may_be_deleted() -> None:
    assert refusal(WORKSPACE, []) == ""
    assert refusal({"kind": "Namespace", "metadata": {"name": "kubesphere-system"}}, []) == ""


@pytest.mark.parametrize(
    ("read", "said"),
    [
        (context(identity="uid-of-another"), "another cluster answers now"),
        (context(identity=""), "another cluster answers now"),
        (context(seatbelt_on=False), "seatbelt of this cluster is off"),
        (context(holder="somebody"), "held by somebody, not by me"),
        (context(holder=""), "held by nobody"),
    ],
)
def test_nothing_is_deleted_with_a_wrong_cluster_a_missing_seatbelt_or_a_lost_lock(
    read: dict[str, Any], said: str
) -> None:
    assert said in refusal(WORKSPACE, [], **read)
    assert said in refusal(WORKSPACE, [], verb=RemoveMarks, **read)


def test_a_playbook_without_a_seatbelt_is_not_asked_for_one_and_stopping_needs_none() -> None:
    assert refusal(WORKSPACE, [], seatbelt_on=None) == ""
    assert refusal(MANAGER, [], verb=Scale, seatbelt_on=False) == ""


def crd(group: str) -> dict[str, object]:
    return CRD | {"metadata": {"name": f"things.{group}"}, "spec": {"group": group}}


def kind(api: str, name: str, **meta: Any) -> dict[str, object]:
    group, _, word = api.rpartition("/")
    return {"apiVersion": group or "v1", "kind": word, "metadata": {"name": name, **meta}}


def owned(row: dict[str, Any]) -> dict[str, object]:
    return {**row, "metadata": {**row["metadata"], "ownerReferences": [OWNER]}}


BOUND = {"kubernetes.io/bootstrapping": "rbac-defaults"}
SAID: dict[str, tuple[dict[str, object], Rows, type[Target]]] = {
    "a user's namespace": (kind("Namespace", "shop"), [], Delete),
    "a user's namespace, only stripped": (kind("Namespace", "shop"), [], RemoveMarks),
    "a namespace of KubeSphere's": (kind("Namespace", "kubesphere-system"), [], Delete),
    "a volume": (kind("PersistentVolume", "v"), [], Delete),
    "a claim in KubeSphere's namespace": (
        kind("PersistentVolumeClaim", "c", namespace="kubesphere-system"),
        [],
        Delete,
    ),
    "a node": (kind("Node", "n"), [], Delete),
    "a class": (kind("storage.k8s.io/v1/StorageClass", "fast"), [], Delete),
    "somebody's type": (crd("shop.example.com"), [], Delete),
    "a type of KubeSphere's": (crd("tenant.kubesphere.io"), [], Delete),
    "a type without a group": (CRD | {"metadata": {"name": "odd"}}, [], Delete),
    "a built-in role": (kind("rbac.authorization.k8s.io/v1/ClusterRole", "view", labels=BOUND), [], Delete),
    "another role": (kind("rbac.authorization.k8s.io/v1/ClusterRole", "mine"), [], Delete),
    "an owner of a user's namespace": (WORKSPACE, [OWNED], Delete),
    "the same, only stripped": (WORKSPACE, [OWNED], RemoveMarks),
    "an owner of what is KubeSphere's": (
        WORKSPACE,
        [owned(kind("iam.kubesphere.io/v1/Role", "r")), owned(kind("Namespace", "kubesphere-system"))],
        Delete,
    ),
    "an owner of four": (WORKSPACE, [owned(kind("Namespace", f"n{i}")) for i in range(4)], Delete),
    "an owner of a Secret in a user's namespace": (
        WORKSPACE,
        [owned(kind("Secret", "s", namespace="shop"))],
        Delete,
    ),
    "a namespace into which somebody moved": (OWN, [kind("apps/v1/Deployment", "web", namespace=SYSTEM)], Delete),
    "a namespace with a claim": (OWN, [kind("v1/PersistentVolumeClaim", "data", namespace=SYSTEM)], Delete),
    "a namespace with what KubeSphere runs": (OWN, [MANAGER], Delete),
    "a namespace, only stripped": (OWN, [kind("apps/v1/Deployment", "web", namespace=SYSTEM)], RemoveMarks),
    "a namespace while another is lived in": (OWN, [kind("apps/v1/Deployment", "web", namespace="shop")], Delete),
}


def refusals() -> list[str]:
    """`name: message` for each row and each unusual context; the message is "-" where no guard refuses."""
    lines = [f"{name}: {refusal(row, around, verb=verb) or '-'}" for name, (row, around, verb) in SAID.items()]
    contexts = {
        "another cluster": context(identity="x"),
        "the seatbelt off": context(seatbelt_on=False),
        "the lock of another run": context(holder="you"),
        "the lock of nobody": context(holder=""),
        "a controller started again": context(restarted=RUNNING),
    }
    lines += [f"{name}: {refusal(WORKSPACE, [], **fields)}" for name, fields in contexts.items()]
    lines += [f"a namesake: {refusal(WORKSPACE, [], uid='planned')}", f"unplanned UID: {unbound()}"]
    return lines


def test_refusals_read_as_in_the_golden_file() -> None:
    same("guards.txt", "\n".join(refusals()) + "\n")


def test_each_refusal_names_a_command_that_can_be_typed() -> None:
    """Those that wait for somebody else's act say the whole call once more."""
    call = Call("apply", given=(("--context", ("prod",)),), takes=TAKES, line="ks-reset apply end.json --context prod")
    for line in refusals():
        name, _, message = line.partition(": ")
        words = [command for command in commands_in(complete_commands(message, call)) if "ks-reset" in command]
        own = [command for command in words if command[1] in ("plan", "apply")]
        assert message == "-" or (own and all(map(takes_all_flags, own))), (name, message)


def test_the_new_plan_that_a_refusal_names_has_the_choices_of_the_plan() -> None:
    said = refusal(WORKSPACE, [], uid="planned", again="uninstall --gone-host us-hub")
    assert said.endswith("Make a new plan: ks-reset plan uninstall --gone-host us-hub --out plan.json.")


def unbound() -> str:
    """The action without a UID, such as one on ks-reset's own objects."""
    now = Obj(kind_of(WORKSPACE), body_of(WORKSPACE))
    action = Delete("s", "uid-of-host", now.kind, now.name)
    site = GuardContext(cluster("host", []), "uid-of-host", frozenset(), (), True, "me", "me")
    for guard in GUARDS:
        guard(action, now, site)
    return "-"


def test_released_claims_do_not_keep_their_namespace() -> None:
    claim = kind("v1/PersistentVolumeClaim", "data", namespace=SYSTEM)
    assert refusal(OWN, [claim], request=Request(data=(SYSTEM,))) == ""
    assert "object(s) of users are in it" in refusal(OWN, [claim], request=Request(data=("kubesphere-logging-system",)))


def test_objects_deleted_by_the_plan_may_be_owned() -> None:
    doomed = frozenset({"uid-of-Namespace--shop"})
    assert refusal(WORKSPACE, [OWNED], doomed=doomed) == ""
    assert "1 object(s)" in refusal(WORKSPACE, [OWNED, owned(kind("Namespace", "n"))], doomed=doomed)


def marking(gift: Marks, row: dict[str, object], around: Rows) -> str:
    """The message of the first guard that refuses these marks."""
    now = Obj(kind_of(row), body_of(row))
    action = AddMarks("s", "uid-of-host", now.kind, now.name, now.namespace, now.uid, marks=gift)
    site = GuardContext(cluster("host", around), "uid-of-host", frozenset(), (), True, "me", "me")
    return first_refusal(action, now, site)


def test_adding_marks_does_not_overwrite_a_later_change() -> None:
    gift = Marks(labels={"kubesphere.io/workspace": "ws1"}, annotations={"a": "b"})
    assert marking(gift, kind("Namespace", "shop"), []) == ""
    assert marking(gift, kind("Namespace", "shop", labels={"kubesphere.io/workspace": "ws1"}), []) == ""
    moved = marking(gift, kind("Namespace", "shop", labels={"kubesphere.io/workspace": "ws2"}), [])
    noted = marking(gift, kind("Namespace", "shop", annotations={"a": "c"}), [])
    assert "Refused to mark Namespace shop with kubesphere.io/workspace=ws1: its value is ws2 now" in moved
    assert "with a=b: its value is c now" in noted


def test_adding_marks_adds_no_owner_that_is_gone_or_in_deletion() -> None:
    gift = Marks(owners=(OWNER,))
    going = WORKSPACE | {"metadata": {"name": "ws1", "deletionTimestamp": "2026-01-01T00:00:00Z"}}
    assert marking(gift, kind("Namespace", "shop"), [WORKSPACE]) == ""
    for around in ([], [going], [WORKSPACE | {"metadata": {"name": "ws1", "uid": "another"}}]):
        assert "its owner Workspace ws1 with UID uid-of-Workspace--ws1" in marking(gift, kind("Namespace", "s"), around)


def test_a_canary_may_be_deleted_and_a_namespace_with_a_similar_name_may_not() -> None:
    assert refusal(kind("Namespace", "ks-reset-canary-ws1", labels={"ks-reset/canary": "ws1"}), []) == ""
    assert "nor a canary" in refusal(kind("Namespace", "ks-reset-canary-ws1"), [])


def test_a_canary_with_users_objects_stays() -> None:
    home, labels = "ks-reset-canary-ws1", {"ks-reset/canary": "ws1"}
    row = kind("Namespace", home, labels=labels)
    own = kind("apps/v1/Deployment", "canary", namespace=home, labels=labels)
    replicaset = kind("apps/v1/ReplicaSet", "canary-1", namespace=home, ownerReferences=[OWNER])
    assert refusal(row, [own, replicaset]) == ""
    assert "1 object(s) of users" in refusal(row, [own, kind("apps/v1/Deployment", "web", namespace=home)])
