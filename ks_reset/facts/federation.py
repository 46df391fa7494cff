"""kubefed's records, what they place where, and which of them reach the same cluster.

Placement as kubefed computes it: an explicit list of clusters wins over a selector, an empty selector takes all,
neither takes none (kubefed v0.8.1, pkg/controller/util/placement.go, GetClusterNames and computePlacement).
"""

from collections.abc import Iterable

from msgspec import Struct

from ks_reset.catalogue.names import (
    CLUSTER_KEY,
    FEDERATED_NAMESPACE_KEY,
    FEDERATED_TYPE_CONFIG_KEY,
    HOST_ROLE_LABEL,
    KUBEFED_CLUSTER_KEY,
    KUBEFED_CONFIG_KEY,
    SECRET_KEY,
)
from ks_reset.facts.label_selectors import selects
from ks_reset.model import Body, ClusterFacts, Dial, FleetFacts, Obj, Reach

RECORD = KUBEFED_CLUSTER_KEY
TYPE_CONFIG = FEDERATED_TYPE_CONFIG_KEY
CLUSTER = CLUSTER_KEY
HOST = HOST_ROLE_LABEL
NAMESPACES = FEDERATED_NAMESPACE_KEY
RECORDS = (CLUSTER_KEY, KUBEFED_CLUSTER_KEY, KUBEFED_CONFIG_KEY)
"""What says which clusters there are."""


class SameClusterGroup(Struct, frozen=True):
    """Several records that reach one cluster. `identity` is empty where that rests on endpoint and CA alone."""

    identity: str
    dials: tuple[Dial, ...]


class Target(Struct, frozen=True):
    """What a federated object makes in each cluster it is placed on."""

    source: Obj
    key: str
    namespace: str
    name: str


def shared(cluster: ClusterFacts) -> tuple[SameClusterGroup, ...]:
    """The groups of two or more names under which one cluster is reached, by dialled identity, else by endpoint and CA.

    What is placed on one name is not placed on the other, for whichever kubefed has that record; records of one name in
    two kubefeds agree.
    """
    groups: dict[tuple[str, str, str], list[Dial]] = {}
    for dial, identity in _dials_with_identity(cluster.dials):
        groups.setdefault((identity, "", "") if identity else ("", dial.endpoint, dial.ca), []).append(dial)
    several = {key: dials for key, dials in groups.items() if any(key) and len({dial.record for dial in dials}) > 1}
    return tuple(SameClusterGroup(key[0], tuple(dials)) for key, dials in several.items())


def identities(dials: Iterable[Dial]) -> dict[str, str]:
    """Which cluster each record reaches: as dialled, else as another one with its endpoint and CA; "" if unknown.

    Whoever asks may not reach what kubefed reaches from inside, so a record that did not answer is not one that
    reaches nothing.
    """
    return {dial.record: identity for dial, identity in _dials_with_identity(dials)}


def _dials_with_identity(dials: Iterable[Dial]) -> list[tuple[Dial, str]]:
    """Each dial with the cluster behind it; two kubefeds may have records of one name."""
    dials = tuple(dials)
    known = {(d.endpoint, d.ca): d.identity for d in dials if d.reach is Reach.REACHED and d.endpoint}
    return [(d, d.identity or known.get((d.endpoint, d.ca), "")) for d in dials]


def unknown(cluster: ClusterFacts) -> list[Dial]:
    """The records of which nobody knows what they reach."""
    return [dial for dial, identity in _dials_with_identity(cluster.dials) if not identity]


def stale(cluster: ClusterFacts, group: SameClusterGroup, chosen: Iterable[str] = ()) -> Dial | None:
    """Which record of a group is the stale one: one that the operator named, else the one without a Cluster object.

    KubeSphere makes a Cluster and a KubeFedCluster of one name (kubesphere v3.3.1,
    pkg/controller/cluster/cluster_controller.go). None if that does not tell exactly one.
    """
    if named := [d for d in group.dials if d.record in set(chosen)]:
        return named[0] if len(named) == 1 else None
    without = [d for d in group.dials if cluster.get(CLUSTER_KEY, d.record) is None]
    return without[0] if len(without) == 1 and len(group.dials) == 2 else None


def unfit(cluster: ClusterFacts, dial: Dial) -> str:
    """Why a record is of no use, whatever others there are; "" if it may be of some.

    Its host joins a Cluster again whose KubeFedCluster is gone; so one without credentials, or that leads elsewhere
    than its Cluster, may be deleted, and is made anew.
    """
    other = next((d for d in cluster.connections if d.record == dial.record), None)
    if dial.reach is Reach.NO_SECRET:
        return "it has no credentials"
    if other and dial.identity and other.identity and dial.identity != other.identity:
        return "it leads elsewhere than its Cluster"
    return "" if cluster.get(CLUSTER_KEY, dial.record) else "there is no Cluster of its name"


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


def placement(host: ClusterFacts, target: "Target") -> frozenset[str]:
    """The records on which a federated object has its target; in a namespace only where that is placed itself.

    kubefed v0.8.1, pkg/controller/util/placement.go, ComputeNamespacedPlacement.
    """
    records = host.of(KUBEFED_CLUSTER_KEY)
    own = placed_on(target.source, records)
    if not target.namespace:
        return own
    home = host.get(FEDERATED_NAMESPACE_KEY, target.namespace, target.namespace)
    return own & placed_on(home, records) if home else frozenset()


def spreads(config: Obj) -> bool:
    """Whether kubefed works on this type (kubefed v0.8.1, pkg/apis/core/v1beta1, GetPropagationEnabled)."""
    return str(config.spec.get("propagation", "Enabled")) == "Enabled"


def targets(cluster: ClusterFacts) -> Iterable[Target]:
    """What every federated object of this host makes, by the FederatedTypeConfigs that are enabled."""
    for config in filter(spreads, cluster.of(FEDERATED_TYPE_CONFIG_KEY)):
        federated, target = config.spec.get("federatedType") or {}, config.spec.get("targetType") or {}
        source = key_of(federated)
        for obj in cluster.of(source):
            is_namespace = target.get("kind") == "Namespace"
            name = obj.namespace if is_namespace else obj.name
            namespace = "" if is_namespace or target.get("scope") == "Cluster" else obj.namespace
            yield Target(obj, key_of(target), namespace, name)


def records_of(facts: FleetFacts, cluster: ClusterFacts) -> frozenset[str]:
    """The names under which the host's records reach this cluster."""
    return frozenset(record for record, found in identities(facts.host.dials).items() if found == cluster.identity)


def secret_of(cluster: ClusterFacts, record: Obj) -> Obj | None:
    """The Secret with a record's credentials."""
    name = str((record.spec.get("secretRef") or {}).get("name", ""))
    return cluster.get(SECRET_KEY, name, record.namespace) if name else None


def only_user(cluster: ClusterFacts, record: Obj, secret: Obj) -> bool:
    """Whether no other record names this Secret."""
    others = (r for r in cluster.of(KUBEFED_CLUSTER_KEY) if r.uid != record.uid)
    return all(secret_of(cluster, other) is not secret for other in others)


def named(federated: Obj) -> set[str]:
    """The clusters that an object is placed on by name, whether or not there are such records."""
    placement = federated.spec.get("placement") or {}
    return {str(cluster.get("name", "")) for cluster in placement.get("clusters") or []}


def key_of(api: Body) -> str:
    """The `Kind.key` of a type as a FederatedTypeConfig names it."""
    kind, group = str(api.get("kind", "")), str(api.get("group") or "")
    return f"{kind}.{group}" if group else kind
