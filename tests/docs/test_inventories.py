"""The page about inventories has the number of objects of each."""

import re

from ks_reset.catalogue.inventory import inventory_versions, load_inventory
from tests.docs.pages import ROOT


def test_the_page_has_the_number_of_objects_of_each_version() -> None:
    text = (ROOT / "docs" / "inventories.md").read_text()
    rows = re.findall(r"^\| (\d+\.\d+\.\d+) \| (\d+) \|", text, re.M)
    assert rows == [(version, str(len(load_inventory(version).entries))) for version in inventory_versions()]
