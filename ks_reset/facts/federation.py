"""kubefed's records, what they place where, and which of them reach the same cluster.

Placement as kubefed computes it: an explicit list of clusters wins over a selector, an empty selector takes all,
neither takes none (kubefed v0.8.1, pkg/controller/util/placement.go, GetClusterNames and computePlacement).
"""

from collections.abc import Iterable

from msgspec import Struct

from ks_reset.facts.selectors import selects
from ks_reset.model import Dial, Facts, Obj, Reach, World

RECORD = "KubeFedCluster.core.kubefed.io"
TYPE_CONFIG = "FederatedTypeConfig.core.kubefed.io"
CLUSTER = "Cluster.cluster.kubesphere.io"
RECORDS = (CLUSTER, RECORD, "KubeFedConfig.core.kubefed.io")
"""What says which clusters there are."""


class Shared(Struct, frozen=True):
    """Several records that reach one cluster. `identity` is empty where that rests on endpoint and CA alone."""

    identity: str
    dials: tuple[Dial, ...]


class Target(Struct, frozen=True):
    """What a federated object makes in each cluster it is placed on."""

    source: Obj
    key: str
    namespace: str
    name: str


def shared(world: World) -> tuple[Shared, ...]:
    """The groups of two or more records that reach one cluster, by dialled identity, else by endpoint and CA."""
    known = {(d.endpoint, d.ca): (d.identity, "", "") for d in world.dials if d.reach is Reach.REACHED}
    groups: dict[tuple[str, str, str], list[Dial]] = {}
    for dial in world.dials:
        if dial.reach is Reach.REACHED:
            groups.setdefault((dial.identity, "", ""), []).append(dial)
        elif dial.reach in (Reach.NOT_DIALLED, Reach.UNREACHABLE):
            groups.setdefault(known.get((dial.endpoint, dial.ca), ("", dial.endpoint, dial.ca)), []).append(dial)
    return tuple(Shared(key[0], tuple(dials)) for key, dials in groups.items() if len(dials) > 1)


def stale(world: World, group: Shared, chosen: str = "") -> Dial | None:
    """Which record of a group is the stale one: the one without a Cluster object, or the one the operator named.

    KubeSphere makes a Cluster and a KubeFedCluster of one name (kubesphere v3.3.1,
    pkg/controller/cluster/cluster_controller.go). None if that does not tell exactly one.
    """
    if chosen:
        return next((d for d in group.dials if d.record == chosen), None)
    without = [d for d in group.dials if world.get(CLUSTER, d.record) is None]
    return without[0] if len(without) == 1 and len(group.dials) == 2 else None


def placed_on(federated: Obj, records: Iterable[Obj]) -> frozenset[str]:
    """The names of the records that a federated object is placed on."""
    placement = federated.spec.get("placement") or {}
    names = {record.name for record in records}
    if placement.get("clusters") is not None:
        return frozenset(c["name"] for c in placement["clusters"] if c.get("name") in names)
    selector = placement.get("clusterSelector")
    if selector is None:
        return frozenset()
    return frozenset(record.name for record in records if selects(selector, record.labels))


def targets(world: World) -> Iterable[Target]:
    """What every federated object of this host makes, by the FederatedTypeConfigs that are enabled."""
    for config in world.of(TYPE_CONFIG):
        federated, target = config.spec.get("federatedType") or {}, config.spec.get("targetType") or {}
        source = _key(federated.get("group", ""), str(federated.get("kind", "")))
        for obj in world.of(source):
            is_namespace = target.get("kind") == "Namespace"
            name = obj.namespace if is_namespace else obj.name
            namespace = "" if is_namespace or target.get("scope") == "Cluster" else obj.namespace
            yield Target(obj, _key(target.get("group", ""), str(target.get("kind", ""))), namespace, name)


def records_of(facts: Facts, world: World) -> frozenset[str]:
    """The names under which the host's records reach this cluster."""
    return frozenset(d.record for d in facts.host.dials if d.identity == world.identity)


def secret_of(world: World, record: Obj) -> Obj | None:
    """The Secret with a record's credentials."""
    name = str((record.spec.get("secretRef") or {}).get("name", ""))
    return world.get("Secret", name, record.namespace) if name else None


def _key(group: str, kind: str) -> str:
    return f"{kind}.{group}" if group else kind
