"""Load inventories from data/, each once, when first asked for."""

from functools import cache
from pathlib import Path

from ks_reset.catalogue.inventory.entries import Inventory, InventoryEntry, InventoryHead
from ks_reset.decoding import decode_json_as, decode_json_lines
from ks_reset.model import version_number

FOLDER = Path(__file__).parent / "data"


@cache
def inventory_versions() -> tuple[str, ...]:
    """The versions with an inventory, oldest first."""
    return tuple(sorted((path.stem for path in FOLDER.glob("*.jsonl")), key=version_number))


@cache
def load_inventory(version: str) -> Inventory:
    """The inventory of a version such as 3.3.1. Raises FileNotFoundError for a version without one."""
    head, _, rest = (FOLDER / f"{version}.jsonl").read_bytes().partition(b"\n")
    entries = decode_json_lines(rest, InventoryEntry)
    return Inventory(decode_json_as(head, InventoryHead), tuple(entries))
