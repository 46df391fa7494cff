"""The inventories as a whole, and what they prove: no look-alike of any entry."""

import re
from typing import Any

import pytest

from ks_reset.catalogue.inventory import (
    Agreement,
    InventoryEntry,
    inventory_versions,
    load_inventory,
    proof_of_inventory,
)
from ks_reset.catalogue.inventory.content import EMPTY_KINDS
from ks_reset.model import Kind, Obj

DIGEST = re.compile(r"[0-9a-f]{12}")
VERSIONS = ("3.0.0", "3.1.1", "3.2.1", "3.3.1", "3.4.1", "4.1.1", "4.1.2", "4.1.3")


def obj(entry: InventoryEntry, **body: Any) -> Obj:
    kind, _, group = entry.kind.partition(".")
    meta = {"name": entry.name.replace("*", "1"), "namespace": entry.namespace.replace("*", "x")}
    return Obj(Kind(group, "v1", kind, "", bool(entry.namespace)), {"metadata": meta, **body})


def test_each_version_has_an_inventory() -> None:
    assert inventory_versions() == VERSIONS


@pytest.mark.parametrize("version", VERSIONS)
def test_an_inventory_is_sorted_and_has_each_object_once(version: str) -> None:
    keys = [(entry.kind, entry.namespace, entry.name) for entry in load_inventory(version).entries]
    assert keys == sorted(set(keys))


@pytest.mark.parametrize("version", VERSIONS)
def test_an_inventory_names_its_sources_and_each_entry_a_path_in_them(version: str) -> None:
    inventory = load_inventory(version)
    assert inventory.version == version
    assert all(re.fullmatch(r"[\w.-]+/[\w.-]+@[\w.-]+", source) for source in inventory.head.sources)
    assert all(entry.source and entry.component for entry in inventory.entries)
    assert all(DIGEST.fullmatch(digest) for entry in inventory.entries for digest in (*entry.digests, *entry.bare))


@pytest.mark.parametrize("version", VERSIONS)
def test_a_look_alike_with_other_content_is_never_proved(version: str) -> None:
    strange: dict[str, Any] = {
        "rules": [{"apiGroups": ["shop.example.com"], "resources": ["orders"], "verbs": ["get"]}],
        "roleRef": {"kind": "ClusterRole", "name": "shop"},
        "spec": {"template": {"spec": {"containers": [{"name": "shop", "image": "shop:1"}]}}, "shop": "yes"},
        "data": {"shop": "yes"},
        "webhooks": [{"name": "shop"}],
    }
    for entry in load_inventory(version).entries:
        proof = proof_of_inventory(obj(entry, **strange), [version])
        assert proof is not None
        assert not proof.proves, entry.title


@pytest.mark.parametrize("version", VERSIONS)
def test_an_object_without_content_is_proved_by_its_labels_alone(version: str) -> None:
    for entry in load_inventory(version).entries:
        if entry.kind.partition(".")[0] in EMPTY_KINDS:
            bare = obj(entry)
            body = {"metadata": {**bare.meta, "labels": {**entry.labels, "team": "a"}}}
            proof = proof_of_inventory(Obj(bare.kind, body), [version])
            assert proof is not None
            assert proof.proves == bool(entry.labels), entry.title


def test_a_name_in_no_inventory_has_no_proof() -> None:
    assert proof_of_inventory(Obj(Kind("", "v1", "Service", "services", True), {"metadata": {"name": "shop"}})) is None


def test_a_version_without_an_inventory_means_all_of_them() -> None:
    entry = next(e for e in load_inventory("3.0.0").entries if e.kind == "Service")
    proof = proof_of_inventory(obj(entry, spec={"selector": {"app": "shop"}}), ["9.9.9"])
    assert proof is not None
    assert proof.agreement is Agreement.DIFFERS
    assert "3.0.0" in proof.versions


def test_helm_annotations_are_told_and_are_no_proof() -> None:
    entry = next(e for e in load_inventory("3.3.1").entries if e.release == "kubesphere-system/ks-core" and e.digests)
    bare = obj(entry, spec={"shop": "yes"})
    names = {"meta.helm.sh/release-name": "ks-core", "meta.helm.sh/release-namespace": "kubesphere-system"}
    proof = proof_of_inventory(
        Obj(bare.kind, {**bare.body, "metadata": {**bare.meta, "annotations": names}}), ["3.3.1"]
    )
    assert proof is not None
    assert proof.released
    assert not proof.proves
