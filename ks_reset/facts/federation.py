"""kubefed's records: the clusters behind them, their Secrets, and the placement of federated objects.

Placement as kubefed computes it: an explicit list of clusters wins over a selector; an empty selector selects all;
without both, none (kubefed v0.8.1, pkg/controller/util/placement.go, GetClusterNames and computePlacement).
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
from ks_reset.facts.label_selectors import selector_matches
from ks_reset.model import Body, ClusterFacts, Dial, FleetFacts, Obj, Reach

RECORD_KEYS = (CLUSTER_KEY, KUBEFED_CLUSTER_KEY, KUBEFED_CONFIG_KEY)
"""Types of the objects that register clusters."""


class SameClusterGroup(Struct, frozen=True):
    """Several records of one cluster. `identity` is "" if only endpoint and CA tell that they reach the same one."""

    identity: str
    dials: tuple[Dial, ...]


class Target(Struct, frozen=True):
    """The object that kubefed creates for a federated object in each cluster of its placement."""

    source: Obj
    key: str
    namespace: str
    name: str


def same_cluster_groups(cluster: ClusterFacts) -> tuple[SameClusterGroup, ...]:
    """Groups of two or more record names of one cluster, by dialled identity, else by endpoint and CA.

    Objects placed on one name are not placed on the other: kubefed deletes through one record the objects it creates
    through the other. Records of one name in two kubefeds are no group.
    """
    return groups_of_one_cluster(cluster.dials, cluster.connections)


def groups_of_one_cluster(dials: Iterable[Dial], others: Iterable[Dial] = ()) -> tuple[SameClusterGroup, ...]:
    """Likewise for any dials, such as those of Clusters; `others` as in identity_by_record."""
    groups: dict[tuple[str, str, str], list[Dial]] = {}
    for dial, identity in _dials_with_identity(dials, others):
        groups.setdefault((identity, "", "") if identity else ("", *address_of(dial)), []).append(dial)
    several = {key: dials for key, dials in groups.items() if any(key) and len({dial.record for dial in dials}) > 1}
    return tuple(SameClusterGroup(key[0], tuple(dials)) for key, dials in several.items())


def own_records(host: ClusterFacts) -> frozenset[str]:
    """The names of a host's records of itself, by KubeSphere's label on the Cluster.

    kubesphere v3.3.1 and v4.1.3, staging/src/kubesphere.io/api/cluster/v1alpha1/cluster_types.go, HostCluster.
    """
    return frozenset(record.name for record in host.of(CLUSTER_KEY) if HOST_ROLE_LABEL in record.labels)


def is_host(cluster: ClusterFacts) -> bool:
    """Whether a cluster is a host: it has records of kubefed, or a Cluster that is itself."""
    return bool(cluster.of(KUBEFED_CLUSTER_KEY) or own_records(cluster))


def identity_by_record(dials: Iterable[Dial], others: Iterable[Dial] = ()) -> dict[str, str]:
    """Record name to cluster identity: as dialled, else of another record with its endpoint and CA, else "".

    `others` are further dials to take it from, such as those of the Clusters: a record whose token is refused leads to
    the cluster that answered its Cluster at the same address, with the same CA.

    "" means unknown: kubefed may reach from inside the cluster an address that ks-reset cannot reach.
    """
    return {dial.record: identity for dial, identity in _dials_with_identity(dials, others)}


def _dials_with_identity(dials: Iterable[Dial], others: Iterable[Dial] = ()) -> list[tuple[Dial, str]]:
    """Pairs of a dial and its cluster identity; two kubefeds may have records of one name."""
    dials = tuple(dials)
    known = {address_of(d): d.identity for d in (*others, *dials) if d.reach is Reach.REACHED and d.endpoint}
    return [(d, d.identity or known.get(address_of(d), "")) for d in dials]


def address_of(dial: Dial) -> tuple[str, str]:
    """Where a dial leads, with the CA: the endpoint without a slash at its end and the port that https has anyway."""
    endpoint = dial.endpoint.rstrip("/")
    return endpoint.removesuffix(":443") if endpoint.startswith("https:") else endpoint, dial.ca


def records_of_unknown_cluster(cluster: ClusterFacts) -> list[Dial]:
    """The dials of the records without a known cluster."""
    return [dial for dial, identity in _dials_with_identity(cluster.dials, cluster.connections) if not identity]


def stale_record(cluster: ClusterFacts, group: SameClusterGroup, chosen: Iterable[str] = ()) -> Dial | None:
    """The stale record of a group: the one named by the operator, else the only one of two without a Cluster.

    KubeSphere creates a Cluster and a KubeFedCluster of one name (kubesphere v3.3.1,
    pkg/controller/cluster/cluster_controller.go). None if these rules do not yield exactly one record.
    """
    if named := [d for d in group.dials if d.record in set(chosen)]:
        return named[0] if len(named) == 1 else None
    without = [d for d in group.dials if cluster.get(CLUSTER_KEY, d.record) is None]
    return without[0] if len(without) == 1 and len(group.dials) == 2 else None


def reason_useless(cluster: ClusterFacts, dial: Dial) -> str:
    """Why a record is useless, independent of other records; "" if it may be of use.

    A host joins a Cluster without KubeFedCluster again. So a record without credentials, or of another cluster than
    its Cluster, may be deleted: the host recreates it.
    """
    connection = next((d for d in cluster.connections if d.record == dial.record), None)
    if dial.reach is Reach.NO_SECRET:
        return "it has no credentials"
    if connection and dial.identity and connection.identity and dial.identity != connection.identity:
        return "it reaches another cluster than its Cluster"
    return "" if cluster.get(CLUSTER_KEY, dial.record) else "no Cluster has its name"


def placed_records(federated: Obj, records: Iterable[Obj]) -> frozenset[str]:
    """The names of the records in a federated object's placement."""
    placement = federated.spec.get("placement") or {}
    names = {record.name for record in records}
    if placement.get("clusters") is not None:
        return frozenset(c["name"] for c in placement["clusters"] if c.get("name") in names)
    return selected_records(federated, records)


def selected_records(federated: Obj, records: Iterable[Obj]) -> frozenset[str]:
    """The names of the records the clusterSelector of a federated object selects; none without a selector."""
    selector = (federated.spec.get("placement") or {}).get("clusterSelector")
    if selector is None:
        return frozenset()
    return frozenset(record.name for record in records if selector_matches(selector, record.labels))


def target_placement(host: ClusterFacts, target: "Target") -> frozenset[str]:
    """The names of the records with the target of a federated object; its namespace must be placed there too.

    kubefed v0.8.1, pkg/controller/util/placement.go, ComputeNamespacedPlacement.
    """
    records = host.of(KUBEFED_CLUSTER_KEY)
    own = placed_records(target.source, records)
    if not target.namespace:
        return own
    home = host.get(FEDERATED_NAMESPACE_KEY, target.namespace, target.namespace)
    return own & placed_records(home, records) if home else frozenset()


def is_propagation_enabled(config: Obj) -> bool:
    """Whether kubefed propagates a FederatedTypeConfig's type.

    kubefed v0.8.1, pkg/apis/core/v1beta1, GetPropagationEnabled.
    """
    return str(config.spec.get("propagation", "Enabled")) == "Enabled"


def federated_targets(cluster: ClusterFacts) -> Iterable[Target]:
    """The targets of all federated objects of a host, for its enabled FederatedTypeConfigs."""
    for config in filter(is_propagation_enabled, cluster.of(FEDERATED_TYPE_CONFIG_KEY)):
        federated, target = config.spec.get("federatedType") or {}, config.spec.get("targetType") or {}
        source = api_kind_key(federated)
        for obj in cluster.of(source):
            is_namespace = target.get("kind") == "Namespace"
            name = obj.namespace if is_namespace else obj.name
            namespace = "" if is_namespace or target.get("scope") == "Cluster" else obj.namespace
            yield Target(obj, api_kind_key(target), namespace, name)


def records_of(facts: FleetFacts, cluster: ClusterFacts) -> frozenset[str]:
    """The names of the host's records for this cluster."""
    return records_by_cluster(facts).get(cluster.identity, frozenset())


def records_by_cluster(facts: FleetFacts) -> dict[str, frozenset[str]]:
    """The names of the host's records by the identity of their cluster, to ask for many clusters."""
    names: dict[str, set[str]] = {}
    for record, identity in identity_by_record(facts.host.dials, facts.host.connections).items():
        names.setdefault(identity, set()).add(record)
    return {identity: frozenset(records) for identity, records in names.items()}


def secret_of(cluster: ClusterFacts, record: Obj) -> Obj | None:
    """The Secret with a record's credentials; None if it is absent or not named."""
    name = str((record.spec.get("secretRef") or {}).get("name", ""))
    return cluster.get(SECRET_KEY, name, record.namespace) if name else None


def is_only_user(cluster: ClusterFacts, record: Obj, secret: Obj) -> bool:
    """Whether no record but this one names this Secret."""
    others = (r for r in cluster.of(KUBEFED_CLUSTER_KEY) if r.uid != record.uid)
    return all(secret_of(cluster, other) is not secret for other in others)


def named_clusters(federated: Obj) -> set[str]:
    """The cluster names listed in a federated object's placement, with or without a record."""
    placement = federated.spec.get("placement") or {}
    return {str(cluster.get("name", "")) for cluster in placement.get("clusters") or []}


def api_kind_key(api: Body) -> str:
    """The `Kind.key` of a type in a FederatedTypeConfig, from its `kind` and `group`."""
    kind, group = str(api.get("kind", "")), str(api.get("group") or "")
    return f"{kind}.{group}" if group else kind
