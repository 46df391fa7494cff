"""No entry of contents.yaml takes a user's object of the same name for KubeSphere's."""

from typing import Any

import pytest

from ks_reset.catalogue import load_catalogue
from ks_reset.catalogue.contents import content_proof, is_proven_by_use, shared_content_proof
from ks_reset.catalogue.entries import ContentEntry
from ks_reset.catalogue.inventory import inventory_versions, load_inventory
from ks_reset.catalogue.inventory.content import EMPTY_KINDS
from ks_reset.catalogue.inventory.entries import InventoryEntry
from ks_reset.catalogue.names import HELM_RELEASE_NAME_ANNOTATION, HELM_RELEASE_NAMESPACE_ANNOTATION
from ks_reset.catalogue.namespaces import shared_namespace, system_namespace
from ks_reset.facts.contents import Accounts, Whose
from ks_reset.model import Kind, Obj
from tests.build import facts
from tests.shorthand import expand_case

ENTRIES = load_catalogue().contents
WORKLOADS = ("Deployment.apps", "DaemonSet.apps", "Job.batch")
"""Proven by their name (`_workload_proof`), apart from the entries."""
CLAIM = "PersistentVolumeClaim"
STRANGE: dict[str, Any] = {
    "rules": [{"apiGroups": ["shop.example.com"], "resources": ["orders"], "verbs": ["get"]}],
    "roleRef": {"kind": "ClusterRole", "name": "shop"},
    "spec": {"template": {"spec": {"containers": [{"name": "shop", "image": "shop:1"}]}}, "shop": "yes"},
    "data": {"shop": "yes"},
}


def look_alike(entry: ContentEntry, **body: Any) -> Obj:
    kind, _, group = entry.kind.partition(".")
    meta = {"name": entry.name, "namespace": entry.namespace}
    return Obj(Kind(group, "v1", kind, "", True), {"metadata": meta, **body})


def test_each_entry_has_one_proof_beside_the_name_or_a_reason_to_need_none() -> None:
    for entry in ENTRIES:
        assert sum(map(bool, (entry.labels, entry.keys, entry.used, entry.alone))) == 1, entry
        assert not entry.alone or entry.kind.partition(".")[0] in EMPTY_KINDS, entry


@pytest.mark.parametrize("entry", [e for e in ENTRIES if e.kind not in WORKLOADS], ids=lambda e: f"{e.kind}-{e.name}")
def test_a_look_alike_with_other_content_is_not_proven(entry: ContentEntry) -> None:
    by_name = any(one.alone for one in ENTRIES if (one.kind, one.name) == (entry.kind, entry.name))
    assert (content_proof(look_alike(entry, **STRANGE)) is not None) == by_name


def test_a_config_map_with_a_key_of_its_own_is_not_proven() -> None:
    for entry in (entry for entry in ENTRIES if entry.keys):
        data = dict.fromkeys(entry.keys, "own values")
        assert content_proof(look_alike(entry, data=data))
        assert content_proof(look_alike(entry, data=data | {"notes": "mine"})) is None
        assert content_proof(look_alike(entry, data=data, binaryData={"notes": "bWluZQ=="})) is None


@pytest.mark.parametrize(
    "entry", [e for e in ENTRIES if e.alone and e.kind != "ServiceAccount"], ids=lambda e: f"{e.kind}-{e.name}"
)
def test_an_object_of_a_users_helm_release_is_not_proven_by_its_name(entry: ContentEntry) -> None:
    assert content_proof(look_alike(entry))
    release = {HELM_RELEASE_NAME_ANNOTATION: "shop", HELM_RELEASE_NAMESPACE_ANNOTATION: entry.namespace}
    meta = {"name": entry.name, "namespace": entry.namespace, "annotations": release}
    assert content_proof(look_alike(entry, metadata=meta)) is None


@pytest.mark.parametrize("used", [True, False])
def test_a_secret_that_no_workload_of_kubesphere_names_is_not_proven(*, used: bool) -> None:
    name = "mysql-pass" if used else "another"
    env = [{"name": "A", "valueFrom": {"secretKeyRef": {"name": name, "key": "password.txt"}}}]
    mysql = {"spec": {"template": {"spec": {"containers": [{"name": "mysql", "env": env}]}}}}
    labels = {"labels": {"app": "ks-apiserver", "tier": "backend"}}
    rows = ["Namespace kubesphere-system", "Secret kubesphere-system/mysql-pass", "Secret kubesphere-system/another"]
    host = facts(
        expand_case({"host": [*rows, {"Deployment kubesphere-system/ks-apiserver": mysql | labels}]})["host"]
    ).host
    found = {obj.name: Accounts(host).of(obj).whose for obj in host.of("Secret")}
    assert found == {"mysql-pass": Whose.CONTROLLER if used else Whose.UNKNOWN, "another": Whose.UNKNOWN}
    assert [is_proven_by_use(obj) for obj in host.of("Secret")] == [True, False]


def delivered(version: str) -> list[InventoryEntry]:
    """What a version brings into KubeSphere's own namespaces; extensions have proofs of their own."""
    entries = [e for e in load_inventory(version).entries if system_namespace(e.namespace) and "*" not in e.name]
    return [entry for entry in entries if not entry.component.startswith("extension ")]


@pytest.mark.parametrize("version", inventory_versions())
def test_each_delivered_account_and_secret_has_a_proof(version: str) -> None:
    """Without one an uninstall would ask for it, although the vendor brought it. Claims are asked for as data."""
    unproven = []
    for entry in (e for e in delivered(version) if e.kind in EMPTY_KINDS and e.kind != CLAIM):
        namespace, _, name = entry.release.partition("/")
        marks = {HELM_RELEASE_NAMESPACE_ANNOTATION: namespace, HELM_RELEASE_NAME_ANNOTATION: name} if name else {}
        meta = {"name": entry.name, "namespace": entry.namespace, "labels": entry.labels, "annotations": marks}
        obj = Obj(Kind("", "v1", entry.kind, "", True), {"metadata": meta})
        if not content_proof(obj) and not is_proven_by_use(obj):
            unproven.append(entry.title)
    assert not unproven


@pytest.mark.parametrize("version", inventory_versions())
def test_each_delivered_release_is_known(version: str) -> None:
    """An object of it is KubeSphere's also with the operator's own values."""
    known = {f"{entry.namespace}/{entry.name}" for entry in load_catalogue().releases}
    releases = {e.release for e in delivered(version) if e.release and system_namespace(e.release.partition("/")[0])}
    assert releases <= known


@pytest.mark.parametrize("version", inventory_versions())
def test_each_delivered_account_and_secret_without_marks_has_a_proof_in_a_shared_namespace(version: str) -> None:
    """One alone would keep the namespace: labels and helm's marks are what the inventories know it by."""
    entries = [e for e in load_inventory(version).entries if e.kind in EMPTY_KINDS and shared_namespace(e.namespace)]
    bare = [entry for entry in entries if not entry.labels and "*" not in entry.name]
    objects = [
        Obj(Kind("", "v1", e.kind, "", True), {"metadata": {"name": e.name, "namespace": e.namespace}}) for e in bare
    ]
    assert not [obj.title for obj in objects if not shared_content_proof(obj)]


HOOK_ACCOUNTS = (
    *(("kubesphere-system", f"ks-core-{hook}") for hook in ("pre-upgrade-crd", "post-delete", "post-delete-crd")),
    ("kubesphere-monitoring-system", "notification-manager-post-install"),
    ("kube-federation-system", "kubefed-config-hook"),
)


@pytest.mark.parametrize(("namespace", "name"), HOOK_ACCOUNTS)
def test_the_account_of_a_hook_that_helm_left_is_known(namespace: str, name: str) -> None:
    """A hook that fails, or a helm that is ended, leaves it; helm marks nothing that hooks make."""
    assert content_proof(
        Obj(Kind("", "v1", "ServiceAccount", "", True), {"metadata": {"name": name, "namespace": namespace}})
    )


def test_the_certificate_that_a_hook_of_cloudcore_makes_is_known_by_its_labels() -> None:
    """Helm marks nothing that hooks make."""
    meta = {"name": "cloudcore", "namespace": "kubeedge", "labels": {"k8s-app": "kubeedge", "kubeedge": "cloudcore"}}
    kind = Kind("", "v1", "Secret", "", True)
    assert shared_content_proof(Obj(kind, {"metadata": meta}))
    assert not shared_content_proof(Obj(kind, {"metadata": meta | {"labels": {"k8s-app": "kubeedge"}}}))
