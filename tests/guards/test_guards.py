"""Guards refuse actions a plan should not contain."""

from typing import Any

import pytest
from msgspec import structs

from ks_reset.errors import ResetError
from ks_reset.guards import GUARDS, GuardContext
from ks_reset.model import Action, Gift, Obj, Verb
from tests.build import Rows, body_of, cluster, kind_of
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


def refusal(row: dict[str, object], around: Rows, uid: str = "", verb: Verb = Verb.DELETE, **read: Any) -> str:
    """The message of the first refusing guard, "" if none refuses. `read` overrides fields of the context."""
    now = Obj(kind_of(row), body_of(row))
    action = Action("s", "uid-of-host", verb, now.kind, now.name, now.namespace, uid or now.uid)
    site = GuardContext(cluster("host", around), "uid-of-host", frozenset(), (), True, "me", "me")
    site = structs.replace(site, **read)
    for guard in GUARDS:
        try:
            guard(action, now, site)
        except ResetError as error:
            return str(error)
    return ""


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
def test_what_is_protected_is_never_deleted(row: dict[str, object]) -> None:
    assert "Nothing was sent" in refusal(row, [])


def test_a_namesake_is_not_deleted() -> None:
    assert "was recreated" in refusal(WORKSPACE, [], uid="planned")


def test_an_owner_of_a_users_namespace_is_not_deleted() -> None:
    assert "garbage collection would delete them" in refusal(WORKSPACE, [OWNED])


def test_nothing_is_stripped_or_deleted_while_a_stopped_controller_runs_again() -> None:
    assert "started again" in refusal(WORKSPACE, [], restarted=RUNNING)
    assert "started again" in refusal(WORKSPACE, [], verb=Verb.STRIP, restarted=RUNNING)
    assert refusal(MANAGER, [], verb=Verb.SCALE, restarted=RUNNING) == ""


def test_what_is_kubespheres_and_owns_nothing_may_go() -> None:
    assert refusal(WORKSPACE, []) == ""
    assert refusal({"kind": "Namespace", "metadata": {"name": "kubesphere-system"}}, []) == ""


@pytest.mark.parametrize(
    ("read", "said"),
    [
        (context(identity="uid-of-another"), "another cluster answers now"),
        (context(identity=""), "another cluster answers now"),
        (context(belted=False), "seatbelt of this cluster is off"),
        (context(holder="somebody"), "held by somebody, not by me"),
        (context(holder=""), "held by nobody"),
    ],
)
def test_nothing_is_deleted_where_cluster_seatbelt_or_lock_are_not_what_they_should_be(
    read: dict[str, Any], said: str
) -> None:
    assert said in refusal(WORKSPACE, [], **read)
    assert said in refusal(WORKSPACE, [], verb=Verb.STRIP, **read)


def test_a_playbook_without_a_seatbelt_is_not_asked_for_one_and_stopping_needs_none() -> None:
    assert refusal(WORKSPACE, [], belted=None) == ""
    assert refusal(MANAGER, [], verb=Verb.SCALE, belted=False) == ""


def crd(group: str) -> dict[str, object]:
    return CRD | {"metadata": {"name": f"things.{group}"}, "spec": {"group": group}}


def kind(api: str, name: str, **meta: Any) -> dict[str, object]:
    group, _, word = api.rpartition("/")
    return {"apiVersion": group or "v1", "kind": word, "metadata": {"name": name, **meta}}


def owned(row: dict[str, Any]) -> dict[str, object]:
    return {**row, "metadata": {**row["metadata"], "ownerReferences": [OWNER]}}


BOUND = {"kubernetes.io/bootstrapping": "rbac-defaults"}
SAID: dict[str, tuple[dict[str, object], Rows, Verb]] = {
    "a user's namespace": (kind("Namespace", "shop"), [], Verb.DELETE),
    "a user's namespace, only stripped": (kind("Namespace", "shop"), [], Verb.STRIP),
    "a namespace of KubeSphere's": (kind("Namespace", "kubesphere-system"), [], Verb.DELETE),
    "a volume": (kind("PersistentVolume", "v"), [], Verb.DELETE),
    "a claim in KubeSphere's namespace": (
        kind("PersistentVolumeClaim", "c", namespace="kubesphere-system"),
        [],
        Verb.DELETE,
    ),
    "a node": (kind("Node", "n"), [], Verb.DELETE),
    "a class": (kind("storage.k8s.io/v1/StorageClass", "fast"), [], Verb.DELETE),
    "somebody's type": (crd("shop.example.com"), [], Verb.DELETE),
    "a type of KubeSphere's": (crd("tenant.kubesphere.io"), [], Verb.DELETE),
    "a type without a group": (CRD | {"metadata": {"name": "odd"}}, [], Verb.DELETE),
    "a built-in role": (kind("rbac.authorization.k8s.io/v1/ClusterRole", "view", labels=BOUND), [], Verb.DELETE),
    "another role": (kind("rbac.authorization.k8s.io/v1/ClusterRole", "mine"), [], Verb.DELETE),
    "an owner of a user's namespace": (WORKSPACE, [OWNED], Verb.DELETE),
    "the same, only stripped": (WORKSPACE, [OWNED], Verb.STRIP),
    "an owner of what is KubeSphere's": (
        WORKSPACE,
        [owned(kind("iam.kubesphere.io/v1/Role", "r")), owned(kind("Namespace", "kubesphere-system"))],
        Verb.DELETE,
    ),
    "an owner of four": (WORKSPACE, [owned(kind("Namespace", f"n{i}")) for i in range(4)], Verb.DELETE),
    "an owner of a Secret in a user's namespace": (
        WORKSPACE,
        [owned(kind("Secret", "s", namespace="shop"))],
        Verb.DELETE,
    ),
    "a namespace into which somebody moved": (OWN, [kind("apps/v1/Deployment", "web", namespace=SYSTEM)], Verb.DELETE),
    "a namespace with a claim": (OWN, [kind("v1/PersistentVolumeClaim", "data", namespace=SYSTEM)], Verb.DELETE),
    "a namespace with what KubeSphere runs": (OWN, [MANAGER], Verb.DELETE),
    "a namespace, only stripped": (OWN, [kind("apps/v1/Deployment", "web", namespace=SYSTEM)], Verb.STRIP),
    "a namespace while another is lived in": (OWN, [kind("apps/v1/Deployment", "web", namespace="shop")], Verb.DELETE),
}


def test_refusals_read_as_they_did() -> None:
    lines = [f"{name}: {refusal(row, around, verb=verb) or '-'}" for name, (row, around, verb) in SAID.items()]
    contexts = {
        "another cluster": context(identity="x"),
        "the seatbelt off": context(belted=False),
        "the lock of another run": context(holder="you"),
        "the lock of nobody": context(holder=""),
        "a controller started again": context(restarted=RUNNING),
    }
    lines += [f"{name}: {refusal(WORKSPACE, [], **fields)}" for name, fields in contexts.items()]
    lines += [f"a namesake: {refusal(WORKSPACE, [], uid='planned')}", f"unplanned UID: {unbound()}"]
    same("guards.txt", "\n".join(lines) + "\n")


def unbound() -> str:
    """An action without a UID, such as one on an object of ks-reset's own, is bound to none."""
    now = Obj(kind_of(WORKSPACE), body_of(WORKSPACE))
    action = Action("s", "uid-of-host", Verb.DELETE, now.kind, now.name)
    site = GuardContext(cluster("host", []), "uid-of-host", frozenset(), (), True, "me", "me")
    for guard in GUARDS:
        guard(action, now, site)
    return "-"


def test_claims_that_may_go_do_not_keep_their_namespace() -> None:
    claim = kind("v1/PersistentVolumeClaim", "data", namespace=SYSTEM)
    assert refusal(OWN, [claim], data=(SYSTEM,)) == ""
    assert "object(s) of users are in it" in refusal(OWN, [claim], data=("kubesphere-logging-system",))


def test_what_the_plan_deletes_too_may_be_owned() -> None:
    doomed = frozenset({"uid-of-Namespace--shop"})
    assert refusal(WORKSPACE, [OWNED], doomed=doomed) == ""
    assert "1 object(s)" in refusal(WORKSPACE, [OWNED, owned(kind("Namespace", "n"))], doomed=doomed)


def marking(gift: Gift, row: dict[str, object], around: Rows) -> str:
    """The message of the first guard refusing the added marks."""
    now = Obj(kind_of(row), body_of(row))
    action = Action("s", "uid-of-host", Verb.MARK, now.kind, now.name, now.namespace, now.uid, gift=gift)
    site = GuardContext(cluster("host", around), "uid-of-host", frozenset(), (), True, "me", "me")
    for guard in GUARDS:
        try:
            guard(action, now, site)
        except ResetError as error:
            return str(error)
    return ""


def test_a_mark_does_not_overwrite_what_somebody_has_written_since() -> None:
    gift = Gift(labels={"kubesphere.io/workspace": "ws1"}, annotations={"a": "b"})
    assert marking(gift, kind("Namespace", "shop"), []) == ""
    assert marking(gift, kind("Namespace", "shop", labels={"kubesphere.io/workspace": "ws1"}), []) == ""
    moved = marking(gift, kind("Namespace", "shop", labels={"kubesphere.io/workspace": "ws2"}), [])
    noted = marking(gift, kind("Namespace", "shop", annotations={"a": "c"}), [])
    assert "Refused to mark Namespace shop with kubesphere.io/workspace=ws1: its value is ws2 now" in moved
    assert "with a=b: its value is c now" in noted


def test_a_mark_brings_no_owner_that_lives_no_more_or_is_on_its_way() -> None:
    gift = Gift(owners=(OWNER,))
    going = WORKSPACE | {"metadata": {"name": "ws1", "deletionTimestamp": "2026-01-01T00:00:00Z"}}
    assert marking(gift, kind("Namespace", "shop"), [WORKSPACE]) == ""
    for around in ([], [going], [WORKSPACE | {"metadata": {"name": "ws1", "uid": "another"}}]):
        assert "its owner Workspace ws1 with UID uid-of-Workspace--ws1" in marking(gift, kind("Namespace", "s"), around)


def test_a_canary_may_be_deleted_and_what_is_only_named_like_one_may_not() -> None:
    assert refusal(kind("Namespace", "ks-reset-canary-ws1", labels={"ks-reset/canary": "ws1"}), []) == ""
    assert "nor a canary" in refusal(kind("Namespace", "ks-reset-canary-ws1"), [])


def test_a_canary_into_which_somebody_moved_stays() -> None:
    home, labels = "ks-reset-canary-ws1", {"ks-reset/canary": "ws1"}
    row = kind("Namespace", home, labels=labels)
    own = kind("apps/v1/Deployment", "canary", namespace=home, labels=labels)
    replicaset = kind("apps/v1/ReplicaSet", "canary-1", namespace=home, ownerReferences=[OWNER])
    assert refusal(row, [own, replicaset]) == ""
    assert "1 object(s) of users" in refusal(row, [own, kind("apps/v1/Deployment", "web", namespace=home)])
