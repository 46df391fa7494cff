"""Load inventories from data/, each once, when first asked for."""

from functools import cache
from pathlib import Path

import msgspec

from ks_reset.catalogue.inventory.entries import Inventory, InventoryEntry, InventoryHead

FOLDER = Path(__file__).parent / "data"


@cache
def inventory_versions() -> tuple[str, ...]:
    """The versions with an inventory, oldest first."""
    return tuple(sorted((path.stem for path in FOLDER.glob("*.jsonl")), key=version_number))


def version_number(version: str) -> tuple[int, ...]:
    """3.4.1 → (3, 4, 1)."""
    return tuple(int(part) for part in version.split("."))


@cache
def load_inventory(version: str) -> Inventory:
    """The inventory of a version such as 3.3.1. Raises FileNotFoundError for a version without one."""
    head, _, rest = (FOLDER / f"{version}.jsonl").read_bytes().partition(b"\n")
    entries = msgspec.json.Decoder(InventoryEntry).decode_lines(rest)
    return Inventory(msgspec.json.decode(head, type=InventoryHead), tuple(entries))
