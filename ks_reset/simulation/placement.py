"""kubefed's view of a state: the federated types, the placement of their objects, and the records it can use."""

from collections.abc import Iterable
from typing import NamedTuple

from ks_reset.catalogue.names import (
    CLUSTER_KEY,
    FEDERATED_NAMESPACE_KEY,
    FEDERATED_TYPE_CONFIG_KEY,
    KUBEFED_CLUSTER_KEY,
    NAMESPACE_KEY,
)
from ks_reset.facts.federation import is_propagation_enabled, placed_records
from ks_reset.simulation.memo import remembered
from ks_reset.simulation.objects import Id, SimObject
from ks_reset.simulation.state import State


class Config(NamedTuple):
    """A FederatedTypeConfig: `Kind.key` of the federated and the target type; `namespaced` is about the target."""

    place: Id
    federated: str
    target: str
    namespaced: bool


@remembered(FEDERATED_TYPE_CONFIG_KEY)
def type_configs(state: State) -> list[Config]:
    """The types kubefed propagates, without those whose config is being deleted: kubefed has stopped on these."""
    live = (config for config in state.of_kind(FEDERATED_TYPE_CONFIG_KEY) if not config.deleting)
    return [_as_config(config) for config in live if is_propagation_enabled(config.obj)]


def _as_config(subject: SimObject) -> Config:
    federated, target = subject.obj.spec.get("federatedType") or {}, subject.obj.spec.get("targetType") or {}
    key = _kind_key(target)
    namespaced = target.get("scope", "Namespaced") == "Namespaced" and key != NAMESPACE_KEY
    return Config(subject.id, _kind_key(federated), key, namespaced)


def federated_objects(state: State, config: Config) -> Iterable[SimObject]:
    """The federated objects of a type on the host; a FederatedNamespace only with the name of its own namespace.

    kubefed v0.8.1, pkg/controller/sync/accessor.go, FederatedResource.
    """
    host = state.facts.host.identity
    for federated in state.of_kind(config.federated):
        own_namespace = config.target != NAMESPACE_KEY or federated.id.name == federated.id.namespace
        if federated.id.cluster == host and own_namespace:
            yield federated


def target_name(config: Config, federated: SimObject) -> tuple[str, str]:
    """Namespace and name of the target of a federated object."""
    return (federated.id.namespace if config.namespaced else "", federated.id.name)


def find_target(state: State, config: Config, federated: SimObject, record: str) -> SimObject | None:
    """The target of a federated object in the cluster a record reaches; None without one."""
    return state.objects.get(Id(state.identity_by_record[record], config.target, *target_name(config, federated)))


def effective_placement(state: State, config: Config, federated: SimObject) -> frozenset[str]:
    """The names of the records an object is placed on; in a namespace, only those of its FederatedNamespace too.

    kubefed v0.8.1, pkg/controller/util/placement.go, ComputeNamespacedPlacement.
    """
    records = [record.obj for record in cluster_records(state)]
    own = placed_records(federated.obj, records)
    if not config.namespaced:
        return own
    namespace = federated.id.namespace
    federated_namespace = state.objects.get(Id(federated.id.cluster, FEDERATED_NAMESPACE_KEY, namespace, namespace))
    return own & placed_records(federated_namespace.obj, records) if federated_namespace else frozenset()


@remembered(KUBEFED_CLUSTER_KEY)
def cluster_records(state: State) -> list[SimObject]:
    """The KubeFedClusters of the host."""
    return [record for record in state.of_kind(KUBEFED_CLUSTER_KEY) if record.id.cluster == state.facts.host.identity]


@remembered(KUBEFED_CLUSTER_KEY, CLUSTER_KEY)
def reachable_records(state: State) -> list[str]:
    """The names of the records through which kubefed reaches a cluster of the fleet."""
    identities = {world.identity for world in state.facts.clusters}
    return [r.id.name for r in cluster_records(state) if state.identity_by_record.get(r.id.name) in identities]


@remembered(KUBEFED_CLUSTER_KEY, CLUSTER_KEY)
def unreachable_records(state: State) -> list[str]:
    """The names of the other records: a deletion waits for them."""
    reachable = set(reachable_records(state))
    return [r.id.name for r in cluster_records(state) if r.id.name not in reachable]


def _kind_key(api_resource: dict[str, object]) -> str:
    """The `Kind.key` of a federatedType or targetType."""
    kind, group = str(api_resource.get("kind", "")), str(api_resource.get("group", ""))
    return f"{kind}.{group}" if group else kind
