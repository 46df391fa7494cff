"""Every type of 4.1's core has an entry: an uninstall of half an installation takes all of it."""

import pytest

from ks_reset import catalogue
from ks_reset.catalogue.inventory import load_inventory
from ks_reset.catalogue.names import CRD_KEY


@pytest.mark.parametrize("version", ["4.1.1", "4.1.2", "4.1.3"])
def test_every_type_of_the_core_has_an_entry(version: str) -> None:
    types = [e.name for e in load_inventory(version).entries if e.kind == CRD_KEY and e.component == "core"]
    entries = [catalogue.load_catalogue().crd_entry(name) for name in types]
    assert len(types) > 30
    assert [name for name, entry in zip(types, entries, strict=True) if entry is None] == []
