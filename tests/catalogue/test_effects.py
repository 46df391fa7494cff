"""What marks do: every key that the catalogue knows has an entry, and a key that nobody knows has none."""

import re

import pytest

from ks_reset.catalogue import is_own_key, load_catalogue
from ks_reset.catalogue.effects import mark_effect


def known_keys() -> set[str]:
    catalogue = load_catalogue()
    written = {key for mark in catalogue.marks for key in re.split(r"[ ,]+", mark.key) if "/" in key and "{" not in key}
    roles = {key for role in (*catalogue.cluster_roles, *catalogue.namespaced_rbac) for key in role.labels}
    return written | roles | {finalizer for crd in catalogue.crds for finalizer in crd.finalizers}


def test_every_key_of_the_catalogue_has_an_effect() -> None:
    assert not [key for key in known_keys() if is_own_key(key) and mark_effect(key) is None]


@pytest.mark.parametrize("key", ["backup.kubesphere.io/plan", "finalizers.acme.kubesphere.io/x", "acme.kubesphere.io"])
def test_a_key_of_an_unknown_domain_has_none(key: str) -> None:
    assert is_own_key(key)
    assert mark_effect(key) is None


def test_the_first_entry_counts() -> None:
    entry = mark_effect("kubesphere.io/creator")
    assert entry
    assert entry.does.startswith("names the user whom KubeSphere makes administrator")


def test_a_reader_has_programs_to_find_it_by() -> None:
    assert all(bool(entry.reader) == bool(entry.programs) for entry in load_catalogue().effects)
