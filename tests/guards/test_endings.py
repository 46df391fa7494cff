"""Taking the last finalizers off an object being deleted ends it: the guards of DELETE are asked for that too."""

from typing import Any

import pytest

from ks_reset.guards import GuardContext
from ks_reset.model import Delete, Marks, Obj, RemoveMarks, Target
from tests import build
from tests.build import Rows, body_of, cluster, kind_of
from tests.guards.test_guards import CRD, OWNED, WORKSPACE, first_refusal, kind, owned

OWN_FINALIZER = "finalizers.tenant.kubesphere.io"
WIPED: dict[str, Any] = {"spec": {"finalizers": []}}
SYSTEM = "kubesphere-system"


def dying(row: dict[str, Any], *finalizers: str, **more: Any) -> dict[str, Any]:
    """The object while it is being deleted."""
    meta = {"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": list(finalizers or (OWN_FINALIZER,))}
    return {**row, "metadata": {**row["metadata"], **meta}, **more}


def refusal(row: dict[str, Any], around: Rows, *finalizers: str, verb: type[Target] = RemoveMarks) -> str:
    """The message of the first guard that refuses; empty if none does."""
    now = Obj(kind_of(row), body_of(row))
    more = {"marks": Marks(finalizers=finalizers or (OWN_FINALIZER,))} if verb is RemoveMarks else {}
    action = build.action(verb, "uid-of-host", now.kind, now.name, namespace=now.namespace, uid=now.uid, **more)
    site = GuardContext(cluster("host", [row, *around]), "uid-of-host", frozenset(), (), True, "me", "me")
    return first_refusal(action, now, site)


def test_the_last_finalizer_of_an_owner_in_deletion_stays_while_users_objects_name_it() -> None:
    said = refusal(dying(WORKSPACE), [OWNED])
    assert said.startswith("Refused to take the last finalizers off Workspace.tenant.kubesphere.io ws1, which ends")
    assert "1 object(s) of users name it as owner and garbage collection would delete them (Namespace shop)" in said


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(dying(WORKSPACE, OWN_FINALIZER, "example.com/backup"), id="another finalizer holds it"),
        pytest.param(dying(WORKSPACE, "example.com/backup"), id="the finalizer is not on it"),
        pytest.param(
            {**WORKSPACE, "metadata": {"name": "ws1", "finalizers": [OWN_FINALIZER]}}, id="it is not being deleted"
        ),
    ],
)
def test_a_finalizer_may_go_while_the_owner_stays(row: dict[str, Any]) -> None:
    assert refusal(row, [OWNED]) == ""


def test_several_last_finalizers_are_counted_together() -> None:
    row = dying(WORKSPACE, OWN_FINALIZER, "kubefed.io/sync-controller")
    assert refusal(row, [OWNED]) == ""
    assert "which ends a deletion" in refusal(row, [OWNED], OWN_FINALIZER, "kubefed.io/sync-controller")


def test_the_last_finalizer_of_an_owner_without_users_dependents_may_go() -> None:
    assert refusal(dying(WORKSPACE), [owned(kind("iam.kubesphere.io/v1/Role", "r"))]) == ""


def workspaces_type(**meta: Any) -> dict[str, Any]:
    spec = {"group": "tenant.kubesphere.io", "names": {"kind": "Workspace", "plural": "workspaces"}}
    return CRD | {"metadata": {"name": "workspaces.tenant.kubesphere.io", **meta}, "spec": spec}


@pytest.mark.parametrize("verb", [Delete, RemoveMarks])
def test_a_type_stays_while_users_objects_name_an_object_of_it_as_owner(verb: type[Target]) -> None:
    row = dying(workspaces_type()) if verb is RemoveMarks else workspaces_type()
    said = refusal(row, [WORKSPACE, OWNED], verb=verb)
    assert "1 object(s) of users name an object of its type as owner" in said
    assert refusal(row, [WORKSPACE], verb=verb) == ""
    assert refusal(row, [OWNED], verb=verb) == ""


def test_the_last_finalizer_of_a_wiped_system_namespace_stays_while_users_objects_are_in_it() -> None:
    row, web = dying(kind("Namespace", SYSTEM), **WIPED), kind("apps/v1/Deployment", "web", namespace=SYSTEM)
    assert "1 object(s) of users are in it now" in refusal(row, [web])
    assert refusal(row, []) == ""
    unfinished = dying(kind("Namespace", SYSTEM), spec={"finalizers": ["kubernetes"]})
    assert refusal(unfinished, [web]) == ""


def test_a_users_namespace_in_deletion_may_end_only_without_contents() -> None:
    row = dying(kind("Namespace", "shop"), **WIPED)
    assert refusal(row, [kind("ConfigMap", "settings", namespace="cart")]) == ""
    said = refusal(row, [kind("ConfigMap", "settings", namespace="shop")])
    assert "what it holds would be lost" in said
    patch = 'patch namespaces shop --type merge -p \'{"metadata":{"finalizers":null}}\''
    assert f"kubectl --context host {patch}; then apply the plan again" in said


@pytest.mark.parametrize(
    ("row", "command"),
    [
        (kind("PersistentVolumeClaim", "data", namespace="shop"), "-n shop patch persistentvolumeclaims data "),
        (kind("PersistentVolume", "disk"), "host patch persistentvolumes disk "),
        (CRD | {"metadata": {"name": "widgets.shop.example.com"}, "spec": {"group": "shop.example.com"}}, " patch "),
    ],
    ids=["claim", "volume", "type"],
)
def test_the_deletion_of_what_holds_data_is_not_ended_and_the_way_on_is_named(
    row: dict[str, Any], command: str
) -> None:
    said = refusal(dying(row), [])
    assert "which ends a deletion under way" in said
    assert "Nothing was sent" in said
    assert command in said
    assert refusal(row, []) == ""


def test_a_deletion_of_an_object_already_being_deleted_is_still_a_deletion() -> None:
    assert "Refused to delete Workspace" in refusal(dying(WORKSPACE, "example.com/backup"), [OWNED], verb=Delete)


def test_the_whole_refusal_to_end_the_deletion_of_a_claim() -> None:
    assert refusal(dying(kind("PersistentVolumeClaim", "data", namespace="shop")), []) == (
        "Refused to take the last finalizers off PersistentVolumeClaim shop/data, which ends a deletion under way: "
        "ks-reset never deletes objects of this type, and what it holds would be lost. Nothing was sent. Find out who "
        "deleted it, and save what it holds. If it may go, take the finalizers off yourself: kubectl --context host "
        '-n shop patch persistentvolumeclaims data --type merge -p \'{"metadata":{"finalizers":null}}\'; then apply '
        "the plan again."
    )


def test_three_users_objects_of_a_namespace_are_named() -> None:
    row = kind("Namespace", SYSTEM)
    around = [kind("apps/v1/Deployment", f"web{number}", namespace=SYSTEM) for number in range(4)]
    named = ", ".join(f"Deployment.apps {SYSTEM}/web{number}" for number in range(3))
    assert f"4 object(s) of users are in it now ({named})" in refusal(row, around, verb=Delete)
