"""Memberships to restore, a namespace in a Workspace each: which are possible, which are done, and their order.

A namespace is bound again only if its UID is the recorded one.
"""

from collections.abc import Iterable

from msgspec import structs

from ks_reset.catalogue.names import NAMESPACE_KEY, TENANT_GROUP, WORKSPACE_KEY, WORKSPACE_LABEL, WORKSPACE_TEMPLATE_KEY
from ks_reset.catalogue.ownership import is_canary
from ks_reset.facts.workspaces import membership_labels, serves_v4
from ks_reset.model import ClusterFacts, FleetFacts, Membership, Memory, Obj
from ks_reset.tenancy import canary


def is_bound(cluster: ClusterFacts, bond: Membership) -> bool:
    """Whether the namespace, with the recorded UID, has the labels of its membership."""
    namespace = cluster.get(NAMESPACE_KEY, bond.namespace)
    wanted = membership_labels(cluster, bond.workspace).items()
    return namespace is not None and namespace.uid == bond.uid and wanted <= namespace.labels.items()


def reason_not_bindable(facts: FleetFacts, memory: Memory, bond: Membership) -> str:
    """Why a membership cannot be restored; "" if it can be, or is already."""
    cluster = facts.cluster(bond.cluster)
    if cluster is None:
        return "its cluster is not part of this run"
    namespace = cluster.get(NAMESPACE_KEY, bond.namespace)
    if namespace is None:
        return "it is gone"
    if namespace.uid != bond.uid:
        return f"it was recreated: its UID was {bond.uid} and is now {namespace.uid}"
    if namespace.deleting:
        return "it is being deleted"
    if reason := _reason_of_namespace(cluster, bond, namespace):
        return reason
    templates = {past.obj.name for past in memory.objects if past.kind.key == WORKSPACE_TEMPLATE_KEY}
    on_host = any(facts.host.get(key, bond.workspace) for key in (WORKSPACE_TEMPLATE_KEY, WORKSPACE_KEY))
    is_known = on_host or cluster.get(WORKSPACE_KEY, bond.workspace) or bond.workspace in templates
    if bond.there and not is_known:
        return f"neither the fleet nor the memory has its Workspace {bond.workspace}"
    occupant = cluster.get(NAMESPACE_KEY, canary.canary_namespace(bond.workspace))
    if bond.there and occupant and not is_canary(occupant):
        return f"the namespace {occupant.name} exists and is not ks-reset's, so no canary can test its Workspace"
    return ""


def _reason_of_namespace(cluster: ClusterFacts, bond: Membership, namespace: Obj) -> str:
    """Why the state of a namespace forbids its binding; "" if nothing does.

    4.1.3 removes all owners of a bound namespace (kubesphere v4.1.3, pkg/controller/namespace/namespace_controller.go,
    Reconcile).
    """
    if (label := namespace.labels.get(WORKSPACE_LABEL)) and label != bond.workspace:
        return f"it belongs to {label} now"
    for key, value in membership_labels(cluster, bond.workspace).items():
        if (current := namespace.labels.get(key, value)) != value:
            return f"its label {key} is {current}"
    owner = next((o for o in namespace.owners if o.group != TENANT_GROUP), None)
    if owner and serves_v4(cluster) and not is_bound(cluster, bond):
        return f"it is owned by {owner.kind} {owner.name}, and KubeSphere 4 removes the owners of bound namespaces"
    return ""


def pending_memberships(facts: FleetFacts, memory: Memory | None) -> list[Membership]:
    """The memberships to restore and not restored yet."""
    bindable = [bond for bond in memory.bonds if not reason_not_bindable(facts, memory, bond)] if memory else []
    return [bond for bond in bindable if not (cluster := facts.cluster(bond.cluster)) or not is_bound(cluster, bond)]


def workspaces_needing_canaries(facts: FleetFacts, memory: Memory | None) -> list[tuple[ClusterFacts, str]]:
    """Pairs of a cluster and a Workspace on it to bind a canary to, sorted; before any other binding."""
    places = sorted({(bond.cluster, bond.workspace) for bond in pending_memberships(facts, memory) if bond.there})
    return [(cluster, workspace) for identity, workspace in places if (cluster := facts.cluster(identity))]


def with_first_bindable_first(facts: FleetFacts, memory: Memory) -> Memory:
    """The memory with the first bindable or bound membership at its head: it is bound alone, before all others."""
    bindable = (
        b for b in memory.bonds if b.there and facts.cluster(b.cluster) and not reason_not_bindable(facts, memory, b)
    )
    head = next(bindable, None)
    rest = tuple(bond for bond in memory.bonds if bond is not head)
    return structs.replace(memory, bonds=(head, *rest)) if head else memory


def in_batches(memory: Memory) -> Iterable[tuple[int, Membership]]:
    """Every membership with its batch number: 0 for the first with a Workspace; then, on each cluster, 1 for the next
    two, 2 for the next four and so on.

    The count runs over the whole memory, so a membership keeps its batch when some are restored.
    """
    counts: dict[str, int] = {}
    first = next((bond for bond in memory.bonds if bond.there), None)
    for bond in memory.bonds:
        if bond is first:
            yield 0, bond
            continue
        counts[bond.cluster] = counts.get(bond.cluster, 0) + 1
        yield (counts[bond.cluster] + 1).bit_length() - 1, bond
