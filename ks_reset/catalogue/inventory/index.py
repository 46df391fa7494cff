"""Find an object in the inventories of some versions, by type, namespace and name."""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from msgspec import Struct

from ks_reset.catalogue.inventory.entries import InventoryEntry
from ks_reset.catalogue.inventory.load import inventory_versions, load_inventory

Key = tuple[str, str, str]


class Listed(Struct, frozen=True):
    """An entry with the version whose inventory has it."""

    version: str
    entry: InventoryEntry


class Index(Struct, frozen=True):
    """The entries of some versions: by key, and those with a `*` by type."""

    exact: dict[Key, tuple[Listed, ...]]
    patterns: dict[str, tuple[tuple[re.Pattern[str], Listed], ...]]

    def find(self, key: str, namespace: str, name: str) -> Iterator[Listed]:
        """Every entry for this object, the oldest version first; `key` is `Kind.group`."""
        yield from self.exact.get((key, namespace, name), ())
        for pattern, listed in self.patterns.get(key, ()):
            if pattern.fullmatch(f"{namespace}/{name}"):
                yield listed


def index_of(versions: Iterable[str] = ()) -> Index:
    """The index over these versions, built once; without any, or with one that has no inventory, over all of them."""
    known, asked = inventory_versions(), set(versions)
    return _build_index(tuple(v for v in known if v in asked) if asked and asked <= set(known) else known)


@cache
def _build_index(versions: tuple[str, ...]) -> Index:
    exact: dict[Key, list[Listed]] = {}
    patterns: dict[str, list[tuple[re.Pattern[str], Listed]]] = {}
    for version in versions:
        for entry in load_inventory(version).entries:
            listed = Listed(version, entry)
            if "*" in entry.name or "*" in entry.namespace:
                patterns.setdefault(entry.kind, []).append((_pattern_of(entry), listed))
            else:
                exact.setdefault((entry.kind, entry.namespace, entry.name), []).append(listed)
    return Index({k: tuple(v) for k, v in exact.items()}, {k: tuple(v) for k, v in patterns.items()})


def _pattern_of(entry: InventoryEntry) -> re.Pattern[str]:
    parts = f"{entry.namespace}/{entry.name}".split("*")
    return re.compile("[a-z0-9.-]+".join(re.escape(part) for part in parts))
