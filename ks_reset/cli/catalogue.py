"""ks-reset catalogue: what KubeSphere brings into a cluster, by version and component."""

from typing import Annotated, Any

import typer

from ks_reset.catalogue.inventory import Inventory, InventoryEntry, inventory_versions, load_inventory
from ks_reset.cli import options as o
from ks_reset.errors import Usage, corrected_to
from ks_reset.report import catalogue as report
from ks_reset.report.console import print_document, print_names, stdout_console

NAME = "catalogue"
EXAMPLES = ("Example: ks-reset catalogue 3.3.1 --component devops",)
Version = Annotated[str, typer.Argument(help="A version, such as 3.3.1. (default: list the versions)")]
Component = Annotated[list[str], typer.Option("--component", help="Only objects of this component; may be repeated.")]


def command(
    version: Version = "",
    component: Component = [],
    output: o.Format = o.Output.TABLE,
    verbose: o.Verbose = False,
) -> None:
    """Show the objects of a KubeSphere version, with what proves each. Reads no cluster."""
    if not version:
        _show_versions(component, output)
        return
    inventory = _known_inventory(version)
    entries = _entries_of(inventory, component)
    match output:
        case o.Output.TABLE:
            _print_table(inventory, entries, component, verbose)
        case o.Output.NAME:
            print_names(entry.title for entry in entries)
        case _:
            print_document(_document(inventory, entries), output)


def _show_versions(component: list[str], output: o.Output) -> None:
    if component:
        raise Usage(f"--component needs a version, such as ks-reset catalogue {_newest_with(component)}.")
    inventories = [load_inventory(version) for version in inventory_versions()]
    match output:
        case o.Output.TABLE:
            report.print_versions(inventories, stdout_console())
        case o.Output.NAME:
            print_names(inventory_versions())
        case _:
            print_document([inventory.head for inventory in inventories], output)


def _newest_with(components: list[str]) -> str:
    """The newest version with these components; the newest of all if none has them."""
    versions = inventory_versions()
    having = [v for v in versions if set(components) <= {entry.component for entry in load_inventory(v).entries}]
    return (having or versions)[-1]


def _known_inventory(version: str) -> Inventory:
    known = version.removeprefix("v")
    if known not in inventory_versions():
        versions = ", ".join(inventory_versions())
        there = f"There is no inventory of KubeSphere {version}. There are: {versions}."
        raise Usage(there, *corrected_to(inventory_versions(), version))
    return load_inventory(known)


def _entries_of(inventory: Inventory, components: list[str]) -> list[InventoryEntry]:
    known = sorted({entry.component for entry in inventory.entries})
    for name in components:
        if name not in known:
            has = f"KubeSphere {inventory.version} has no component {name}. It has: {', '.join(known)}."
            raise Usage(has, *corrected_to(known, name, "--component"))
    return [entry for entry in inventory.entries if not components or entry.component in components]


def _print_table(inventory: Inventory, entries: list[InventoryEntry], components: list[str], verbose: bool) -> None:
    console = stdout_console()
    if not components:
        report.print_components(inventory, console)
    if components or verbose:
        report.print_entries(entries, console)
    else:
        console.print("\n-v shows every object, --component those of one component.", markup=False)


def _document(inventory: Inventory, entries: list[InventoryEntry]) -> Any:
    return {"head": inventory.head, "objects": entries}
