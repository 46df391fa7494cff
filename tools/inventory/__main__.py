"""Make one inventory from checkouts of the vendor's repositories.

CHECKOUT is a folder with kubesphere/ks-installer (3.x) or kubesphere/kubesphere (4.x) at TAG. EXTENSIONS is one with
kubesphere-extensions/ks-extensions.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import msgspec

from ks_reset.catalogue.inventory.entries import InventoryEntry, InventoryHead
from ks_reset.catalogue.inventory.load import FOLDER
from ks_reset.model import version_number
from tools.inventory.core_chart import walk_core_chart
from tools.inventory.extensions import walk_extensions
from tools.inventory.found import Found
from tools.inventory.installer import walk_installer
from tools.inventory.lines import make_lines
from tools.inventory.runtime import with_runtime_entries

OPERATORS = "objects that operators make from custom resources"
MISSING = {
    3: (
        "istio's own objects in istio-system: istioctl makes them",
        OPERATORS,
    ),
    4: (
        "extensions that are not in the repository of the extensions",
        OPERATORS,
    ),
}


def main() -> None:
    """Read the arguments, walk the checkouts, write the file, and say how many objects it has."""
    given = _read_arguments()
    major = version_number(given.version)[0]
    source = "kubesphere/kubesphere" if major >= 4 else "kubesphere/ks-installer"
    sources = [f"{source}@{given.tag}"]
    if given.extensions:
        sources.append(f"kubesphere-extensions/ks-extensions@{given.extensions_commit}")
    head = InventoryHead(version=given.version, sources=tuple(sources), missing=MISSING[major])
    lines = with_runtime_entries(given.version, make_lines(_walk(given, major)))
    write_inventory(given.to / f"{given.version}.jsonl", head, lines)
    print(f"{given.version}: {len(lines)} objects")


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.inventory", description=__doc__)
    parser.add_argument("version", help="such as 3.3.1")
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--tag", required=True)
    parser.add_argument("--helm", type=Path, default=Path("helm"))
    parser.add_argument("--extensions", type=Path)
    parser.add_argument("--extensions-commit", default="main")
    parser.add_argument("--to", type=Path, default=FOLDER)
    return parser.parse_args()


def _walk(given: argparse.Namespace, major: int) -> Iterator[Found]:
    yield from walk_core_chart(given.checkout, given.helm) if major >= 4 else walk_installer(given.checkout, given.helm)
    if given.extensions:
        yield from walk_extensions(given.extensions, given.helm)


def write_inventory(path: Path, head: InventoryHead, lines: list[InventoryEntry]) -> None:
    """One line for the head, then one for each object."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in (head, *lines)))


if __name__ == "__main__":
    main()
