"""Objects made by KubeSphere's own code, from runtime.yaml beside it: read by hand in the sources there."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from ks_reset.catalogue.inventory.entries import InventoryEntry
from ks_reset.model import version_number

FILE = Path(__file__).with_suffix(".yaml")


class RuntimeObject(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`until` is empty if the newest version read still makes it."""

    kind: str
    namespace: str = ""
    name: str
    component: str = "core"
    since: str
    until: str
    source: str


def runtime_entries(version: str) -> Iterator[InventoryEntry]:
    """The entries of a version: a name, and nothing to prove it by."""
    now = version_number(version)
    for one in msgspec.yaml.decode(FILE.read_bytes(), type=list[RuntimeObject]):
        if version_number(one.since) <= now and (not one.until or now <= version_number(one.until)):
            yield InventoryEntry(
                kind=one.kind, namespace=one.namespace, name=one.name, component=one.component, source=one.source
            )


def with_runtime_entries(version: str, lines: list[InventoryEntry]) -> list[InventoryEntry]:
    """The lines with those of the version's code, sorted; a line from a manifest wins."""
    known = {(line.kind, line.namespace, line.name) for line in lines}
    more = [line for line in runtime_entries(version) if (line.kind, line.namespace, line.name) not in known]
    return sorted([*lines, *more], key=lambda line: (line.kind, line.namespace, line.name))
