"""kubefed's view of a state: which types it spreads, what is placed where, and which records it can work through."""

from collections.abc import Iterable
from typing import NamedTuple

from ks_reset.facts.federation import NAMESPACES, RECORD, TYPE_CONFIG, placed_on, spreads
from ks_reset.simulation.objects import Id, SimObject
from ks_reset.simulation.state import State


class Config(NamedTuple):
    """A FederatedTypeConfig: the `Kind.key` of the federated type and of its target, and whether that is namespaced."""

    place: Id
    federated: str
    target: str
    namespaced: bool


def configs(state: State) -> list[Config]:
    """The types that kubefed spreads; one whose config is being deleted is no longer worked on."""
    there = (each for each in state.by_key.get(TYPE_CONFIG, ()) if not each.deleting)
    return [_config(each) for each in there if spreads(each.obj)]


def _config(each: SimObject) -> Config:
    federated, target = each.obj.spec.get("federatedType") or {}, each.obj.spec.get("targetType") or {}
    key = _key(str(target.get("kind", "")), str(target.get("group", "")))
    namespaced = target.get("scope", "Namespaced") == "Namespaced" and key != "Namespace"
    return Config(each.id, _key(str(federated.get("kind", "")), str(federated.get("group", ""))), key, namespaced)


def sources(state: State, config: Config) -> Iterable[SimObject]:
    """The federated objects of a type on the host; a FederatedNamespace only if it is named as its namespace.

    kubefed v0.8.1, pkg/controller/sync/accessor.go, FederatedResource.
    """
    host = state.facts.host.identity
    for each in state.by_key.get(config.federated, ()):
        if each.id.cluster == host and (config.target != "Namespace" or each.id.name == each.id.namespace):
            yield each


def target_name(config: Config, source: SimObject) -> tuple[str, str]:
    """Namespace and name of what a federated object makes."""
    return (source.id.namespace if config.namespaced else "", source.id.name)


def target(state: State, config: Config, source: SimObject, record: str) -> SimObject | None:
    """What a federated object has made, in the cluster that a record reaches."""
    return state.things.get(Id(state.reaches[record], config.target, *target_name(config, source)))


def placement(state: State, config: Config, source: SimObject) -> frozenset[str]:
    """The records it is placed on; for an object in a namespace, only those where its FederatedNamespace is placed too.

    kubefed v0.8.1, pkg/controller/util/placement.go, ComputeNamespacedPlacement.
    """
    records = [r.obj for r in records_of(state)]
    own = placed_on(source.obj, records)
    if not config.namespaced:
        return own
    home = state.things.get(Id(source.id.cluster, NAMESPACES, source.id.namespace, source.id.namespace))
    return own & placed_on(home.obj, records) if home else frozenset()


def records_of(state: State) -> list[SimObject]:
    """The KubeFedClusters that are there."""
    return [each for each in state.by_key.get(RECORD, ()) if each.id.cluster == state.facts.host.identity]


def ready(state: State) -> list[str]:
    """The records through which kubefed reaches a cluster of the fleet."""
    known = {world.identity for world in state.facts.clusters}
    return [r.id.name for r in records_of(state) if state.reaches.get(r.id.name) in known]


def unready(state: State) -> list[str]:
    """The records through which it reaches none that we know; a deletion waits for them."""
    there = set(ready(state))
    return [r.id.name for r in records_of(state) if r.id.name not in there]


def _key(kind: str, group: str) -> str:
    return f"{kind}.{group}" if group else kind
