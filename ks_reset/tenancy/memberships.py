"""Bonds that are to be given back: which can be, which are already, and in which order.

A namespace is bound again only if it is the very one that was bound: by its UID.
"""

from collections.abc import Iterable

from msgspec import structs

from ks_reset.catalogue.names import NAMESPACE_KEY, TENANT_GROUP, WORKSPACE_KEY, WORKSPACE_LABEL, WORKSPACE_TEMPLATE_KEY
from ks_reset.catalogue.ownership import is_canary
from ks_reset.facts.workspaces import binding, four
from ks_reset.model import ClusterFacts, FleetFacts, Membership, Memory, Obj
from ks_reset.tenancy import canary


def done(cluster: ClusterFacts, bond: Membership) -> bool:
    """Whether the namespace has the labels that bind it to its Workspace."""
    found = cluster.get(NAMESPACE_KEY, bond.namespace)
    wanted = binding(cluster, bond.workspace).items()
    return found is not None and found.uid == bond.uid and wanted <= found.labels.items()


def against(facts: FleetFacts, memory: Memory, bond: Membership) -> str:
    """Why a bond cannot be given back; "" if it can, or is there already."""
    cluster = facts.world(bond.cluster)
    if cluster is None:
        return "its cluster is not among those that are worked on"
    found = cluster.get(NAMESPACE_KEY, bond.namespace)
    if found is None:
        return "it is gone"
    if found.uid != bond.uid:
        return f"it was made anew since: UID {bond.uid} became {found.uid}"
    if found.deleting:
        return "it is being deleted"
    if said := _reason_of_namespace(cluster, bond, found):
        return said
    templates = {past.obj.name for past in memory.objects if past.kind.key == WORKSPACE_TEMPLATE_KEY}
    there = any(facts.host.get(key, bond.workspace) for key in (WORKSPACE_TEMPLATE_KEY, WORKSPACE_KEY)) or cluster.get(
        WORKSPACE_KEY, bond.workspace
    )
    if bond.there and not there and bond.workspace not in templates:
        return f"nothing is known of its Workspace {bond.workspace}"
    home = cluster.get(NAMESPACE_KEY, canary.name(bond.workspace))
    if bond.there and home and not is_canary(home):
        return f"a namespace {home.name} is there, and is not ks-reset's: no canary can go before it"
    return ""


def _reason_of_namespace(cluster: ClusterFacts, bond: Membership, namespace: Obj) -> str:
    """What the namespace itself says against being bound. Once it is bound, 4.1.3 takes every owner off it.

    kubesphere v4.1.3, pkg/controller/namespace/namespace_controller.go, Reconcile.
    """
    if (label := namespace.labels.get(WORKSPACE_LABEL)) and label != bond.workspace:
        return f"it belongs to {label} by now"
    for key, value in binding(cluster, bond.workspace).items():
        if (there := namespace.labels.get(key, value)) != value:
            return f"its label {key} says {there}"
    owner = next((o for o in namespace.owners if o.group != TENANT_GROUP), None)
    if owner and four(cluster) and not done(cluster, bond):
        return f"it is owned by {owner.kind} {owner.name}, and KubeSphere 4 takes owners off what is bound to it"
    return ""


def pending(facts: FleetFacts, memory: Memory | None) -> list[Membership]:
    """The bonds that are to be given back and are not there yet."""
    found = [b for b in memory.bonds if not against(facts, memory, b)] if memory else []
    return [bond for bond in found if not (cluster := facts.world(bond.cluster)) or not done(cluster, bond)]


def flocks(facts: FleetFacts, memory: Memory | None) -> list[tuple[ClusterFacts, str]]:
    """The Workspaces, by cluster, that a canary is bound to before anything else is."""
    found = sorted({(bond.cluster, bond.workspace) for bond in pending(facts, memory) if bond.there})
    return [(cluster, workspace) for identity, workspace in found if (cluster := facts.world(identity))]


def led(facts: FleetFacts, memory: Memory) -> Memory:
    """The memory with a bond at its head that can be given now, or was: the one that goes alone, before all others."""
    able = (b for b in memory.bonds if b.there and facts.world(b.cluster) and not against(facts, memory, b))
    head = next(able, None)
    rest = tuple(bond for bond in memory.bonds if bond is not head)
    return structs.replace(memory, bonds=(head, *rest)) if head else memory


def batches(memory: Memory) -> Iterable[tuple[int, Membership]]:
    """Every bond with its batch: the first with a Workspace is 0; then, on each cluster, two are 1, four are 2, ….

    Counted over all that is remembered, so that a bond is of the same batch whatever was done since.
    """
    counts: dict[str, int] = {}
    first = next((bond for bond in memory.bonds if bond.there), None)
    for bond in memory.bonds:
        if bond is first:
            yield 0, bond
            continue
        counts[bond.cluster] = counts.get(bond.cluster, 0) + 1
        yield (counts[bond.cluster] + 1).bit_length() - 1, bond
