"""Inventories as text: the versions, the components of one with their counts, and their objects."""

from collections import Counter
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from ks_reset.catalogue.inventory import Inventory, InventoryEntry


def print_versions(inventories: Iterable[Inventory], console: Console) -> None:
    """A line for each version: objects, components, sources."""
    table = Table("version", "objects", "components", "made from", box=None, pad_edge=False)
    for inventory in inventories:
        components = len({entry.component for entry in inventory.entries})
        sources = ", ".join(inventory.head.sources)
        table.add_row(inventory.version, str(len(inventory.entries)), str(components), sources)
    console.print(table)


def print_components(inventory: Inventory, console: Console) -> None:
    """The sources, what is not in the inventory, and a line for each component with its objects and helm releases."""
    console.print(f"KubeSphere {inventory.version}, from {', '.join(inventory.head.sources)}", markup=False)
    for missing in inventory.head.missing:
        console.print(f"not in it: {missing}", markup=False)
    table = Table("component", "objects", "cluster-wide", "helm releases", "most", box=None, pad_edge=False)
    for name in sorted({entry.component for entry in inventory.entries}):
        table.add_row(name, *_counts_of([entry for entry in inventory.entries if entry.component == name]))
    console.print(table)


def print_entries(entries: Iterable[InventoryEntry], console: Console) -> None:
    """A line for each object: type, namespace and name, what proves it, source."""
    table = Table("object", "proved by", "helm release", "source", box=None, pad_edge=False)
    for entry in entries:
        table.add_row(entry.title, proof_text(entry), entry.release, entry.source)
    console.print(table)


def proof_text(entry: InventoryEntry) -> str:
    """What proves that an object of this name is KubeSphere's."""
    if entry.digests:
        return f"{len(entry.digests)} digest(s)" + (", others by values" if entry.varies else "")
    return f"{len(entry.labels)} label(s)" if entry.labels else "nothing: its name alone"


def _counts_of(entries: list[InventoryEntry]) -> tuple[str, str, str, str]:
    kinds = Counter(entry.kind.partition(".")[0] for entry in entries)
    most = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common(4))
    releases = ", ".join(sorted({entry.release for entry in entries if entry.release}))
    return str(len(entries)), str(sum(not entry.namespace for entry in entries)), releases, most
