"""A memory as a table of memberships and a count of objects, and as manifests."""

from collections import Counter
from collections.abc import Iterable

import yaml
from rich.console import Console
from rich.table import Table

from ks_reset.credentials.recorded import digest_fields
from ks_reset.facts.workspaces import membership_labels
from ks_reset.model import BeforeImage, Body, ClusterFacts, FleetFacts, Membership, Memory

HEADER = (
    "# What ks-reset remembers of {cluster}, as kubectl apply takes it. A namespace is bound by this file at once,\n"
    "# without a canary: ks-reset plan rebind is the careful way.\n"
)


def print_memory(memory: Memory, facts: FleetFacts, console: Console) -> None:
    """Print a table of memberships by Workspace and cluster, then the number of objects by type."""
    names = {world.identity: world.name for world in facts.clusters}
    table = Table(title=f"Bonds on {memory.taken}", title_justify="left")
    for column in ("Workspace", "cluster", "namespaces"):
        table.add_column(column, overflow="fold")
    groups: dict[tuple[str, str], list[str]] = {}
    for bond in memory.bonds:
        groups.setdefault((bond.workspace, names.get(bond.cluster, bond.cluster)), []).append(bond.namespace)
    for (workspace, cluster), namespaces in sorted(groups.items()):
        table.add_row(workspace, cluster, ", ".join(namespaces))
    console.print(table)
    kinds = Counter(past.kind.key for past in memory.objects)
    console.print(", ".join(f"{count} {kind}" for kind, count in kinds.items()) or "No object is remembered.")
    for past in memory.objects:
        if fields := ", ".join(digest_fields(past.body)):
            console.print(f"not whole: {past.obj.title}: of {fields} only a digest was recorded", markup=False)


def memory_manifests(memory: Memory, world: ClusterFacts) -> str:
    """The complete objects of a cluster as YAML documents, then its namespaces with memberships; "" for none."""
    mine = [p for p in memory.objects if p.cluster == world.identity]
    objects = [_object_manifest(p) for p in mine if not list(digest_fields(p.body))]
    bonds = [_namespace_manifest(world, bond) for bond in memory.bonds if bond.cluster == world.identity]
    bodies = [*objects, *bonds]
    return HEADER.format(cluster=world.name) + _yaml_documents(bodies) if bodies else ""


def _object_manifest(past: BeforeImage) -> Body:
    return {"apiVersion": past.kind.api_version, "kind": past.kind.kind, **past.body}


def _namespace_manifest(world: ClusterFacts, bond: Membership) -> Body:
    labels = membership_labels(world, bond.workspace)
    meta = {"name": bond.namespace, "labels": labels, "annotations": {"ks-reset/uid": bond.uid}}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": meta}


def _yaml_documents(bodies: Iterable[Body]) -> str:
    return yaml.safe_dump_all(list(bodies), sort_keys=False, allow_unicode=True)
