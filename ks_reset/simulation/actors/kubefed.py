"""kubefed's sync controller: creates targets where a federated object is placed, deletes them everywhere else.

kubefed v0.8.1, pkg/controller/sync/controller.go: syncToClusters, ensureDeletion, deleteFromClusters, reconcile for a
target without a federated object; accessor.go, FederatedResource; resource.go, IsNamespaceInHostCluster.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import (
    DEPLOYMENT_KEY,
    FEDERATED_NAMESPACE_KEY,
    KUBEFED_MANAGED_LABEL,
    KUBEFED_ORPHAN_ANNOTATION,
    KUBEFED_SYNC_FINALIZER,
    NAMESPACE_KEY,
)
from ks_reset.model import Kind, Obj
from ks_reset.simulation.api_server import after_deletion, after_release, reason_survived
from ks_reset.simulation.delete_options import NO_OPTIONS, DeleteOptions, delete_options_of
from ks_reset.simulation.memo import ALIVE, remembered
from ks_reset.simulation.move import Effect, Transition
from ks_reset.simulation.objects import Id, SimObject, to_sim_object
from ks_reset.simulation.placement import (
    Config,
    effective_placement,
    federated_objects,
    find_target,
    reachable_records,
    target_name,
    type_configs,
    unreachable_records,
)
from ks_reset.simulation.state import State

ACTOR = "kubefed"
SOURCE = "kubefed v0.8.1, pkg/controller/sync/controller.go"


__all__ = [
    "ACTOR",
    "adopt_objects",
    "adopt_objects_in_ending_namespaces",
    "create_targets",
    "delete_targets",
    "is_running",
]
LABEL = f"metadata.labels[{KUBEFED_MANAGED_LABEL}]"


@remembered(DEPLOYMENT_KEY, *catalogue.STRAY_KEYS, ALIVE)
def is_running(state: State) -> bool:
    """Whether a kubefed controller of the host has a process."""
    return any(catalogue.is_kubefed_controller(state.objects[i].obj) for i in state.alive if i in state.objects)


def delete_targets(state: State) -> Iterable[Transition]:
    """Deletions of targets, and removals of the label kubefed.io/managed, it may make next."""
    if not is_running(state):
        return
    for config in type_configs(state):
        for federated in federated_objects(state, config):
            if federated.deleting:
                yield from _delete_everywhere(state, config, federated)
            else:
                yield from _delete_unplaced(state, config, federated)
        yield from _unmark_forgotten(state, config)


def create_targets(state: State) -> Iterable[Transition]:
    """Creations of targets it may make next."""
    for config, federated, record in _placements(state):
        cluster = state.identity_by_record[record]
        kind, (namespace, name) = state.served_kind(cluster, config.target), target_name(config, federated)
        parent = state.objects.get(Id(cluster, NAMESPACE_KEY, "", namespace))
        possible = not namespace or (parent is not None and not parent.deleting)
        if kind and possible and not find_target(state, config, federated, record):
            created = _new_target(state, cluster, kind, namespace, name)
            why = f"{federated.id.title} is placed on the record {record}"
            yield Transition(ACTOR, Effect.MAKES, created.id, created, federated.id, "spec.placement", why, SOURCE)


def adopt_objects_in_ending_namespaces(state: State) -> Iterable[Transition]:
    """Labels on targets it may add while their FederatedNamespace is in deletion.

    Once that is gone its objects are placed nowhere, and targets with the label are deleted.
    """
    for config, federated, record in _placements(state):
        namespace = federated.id.namespace
        home = state.objects.get(Id(federated.id.cluster, FEDERATED_NAMESPACE_KEY, namespace, namespace))
        if config.namespaced and home is not None and home.deleting:
            yield from _adopt_target(state, config, federated, record)


def adopt_objects(state: State) -> Iterable[Transition]:
    """Finalizers on federated objects and labels on targets it may add next."""
    for config, federated, record in _placements(state):
        if KUBEFED_SYNC_FINALIZER not in federated.finalizers:
            after = federated.with_fields(finalizers=(*federated.finalizers, KUBEFED_SYNC_FINALIZER))
            field, why = "metadata.finalizers", "it adds its finalizer to every federated object"
            yield Transition(ACTOR, Effect.CHANGES, federated.id, after, None, field, why, SOURCE)
        yield from _adopt_target(state, config, federated, record)


def _adopt_target(state: State, config: Config, federated: SimObject, record: str) -> Iterable[Transition]:
    target = find_target(state, config, federated, record)
    if target and not target.deleting and target.label_value(KUBEFED_MANAGED_LABEL) not in ("true", "false"):
        why = f"{federated.id.title} is placed on the record {record}"
        after = target.with_label(KUBEFED_MANAGED_LABEL, "true")
        yield Transition(ACTOR, Effect.CHANGES, target.id, after, federated.id, "spec.placement", why, SOURCE)


def _placements(state: State) -> Iterable[tuple[Config, SimObject, str]]:
    """Each federated object not being deleted, with each reachable record it is placed on."""
    for config in type_configs(state) if is_running(state) else ():
        for federated in federated_objects(state, config):
            placed = effective_placement(state, config, federated)
            if not federated.deleting:
                yield from ((config, federated, record) for record in reachable_records(state) if record in placed)


def _delete_unplaced(state: State, config: Config, federated: SimObject) -> Iterable[Transition]:
    """Delete managed targets behind other records; the namespace of the federated object only loses the label."""
    placed = effective_placement(state, config, federated)
    for record in reachable_records(state):
        target = find_target(state, config, federated, record)
        if record in placed or not target or target.deleting or not _is_managed(target):
            continue
        why = f"{federated.id.title} is not placed on the record {record}, which reaches this cluster"
        own = _is_own_namespace(config, federated, target)
        yield _unmark_target(target, federated, why) if own else _delete_target(state, target, federated, why)


def _delete_everywhere(state: State, config: Config, federated: SimObject) -> Iterable[Transition]:
    """Delete all targets of a federated object being deleted, then release it; orphaning leaves the targets."""
    if KUBEFED_SYNC_FINALIZER not in federated.finalizers:
        return
    if federated.obj.annotations.get(KUBEFED_ORPHAN_ANNOTATION) == "true":
        yield _release_federated(federated, f"it says {KUBEFED_ORPHAN_ANNOTATION}: true")
        return
    remaining, options = False, delete_options_of(federated.obj)
    for record in reachable_records(state):
        target = find_target(state, config, federated, record)
        if not target or not _is_managed(target):
            continue
        own = _is_own_namespace(config, federated, target)
        remaining |= not (own and target.deleting)
        if not target.deleting:
            why = f"{federated.id.title} is being deleted, and its targets with it"
            gone = _unmark_target(target, federated, why) if own else None
            yield gone or _delete_target(state, target, federated, why, options)
    if not remaining and not unreachable_records(state):
        yield _release_federated(federated, "none of its targets is left")


def _release_federated(federated: SimObject, why: str) -> Transition:
    after = after_release(federated.without_finalizer(KUBEFED_SYNC_FINALIZER))
    return Transition(ACTOR, Effect.LETS_GO, federated.id, after, None, "metadata.finalizers", why, SOURCE)


def _unmark_forgotten(state: State, config: Config) -> Iterable[Transition]:
    """Remove the label from managed targets without a federated object."""
    names = {target_name(config, federated) for federated in federated_objects(state, config)}
    clusters = {state.identity_by_record[record] for record in reachable_records(state)}
    for target in state.of_kind(config.target):
        forgotten = (target.id.namespace, target.id.name) not in names
        if forgotten and target.id.cluster in clusters and _is_managed(target):
            yield _unmark_target(target, None, "no federated object of this name is left")


def _new_target(state: State, cluster: str, kind: Kind, namespace: str, name: str) -> SimObject:
    """A target as kubefed creates it: with its label, without owners, with a UID no object has had."""
    before = state.cluster_facts(cluster).get(kind.key, name, namespace)
    meta = {"name": name, "labels": {KUBEFED_MANAGED_LABEL: "true"}, **({"namespace": namespace} if namespace else {})}
    body = {**(before.body if before else {}), "metadata": meta}
    created = to_sim_object(cluster, Obj(kind, body))
    return created.with_fields(uid=state.fresh_uid(created.id))


def _delete_target(
    state: State, target: SimObject, federated: SimObject, why: str, options: DeleteOptions = NO_OPTIONS
) -> Transition:
    refused = options.reason_refused(target) or reason_survived(state, target)
    after = target if refused else after_deletion(target, options.policy)
    return Transition(ACTOR, Effect.DELETES, target.id, after, federated.id, LABEL, why, SOURCE, refused)


def _unmark_target(target: SimObject, federated: SimObject | None, why: str) -> Transition:
    cause, after = federated.id if federated else None, target.without_label(KUBEFED_MANAGED_LABEL)
    return Transition(ACTOR, Effect.CHANGES, target.id, after, cause, LABEL, why, SOURCE)


def _is_managed(target: SimObject) -> bool:
    return target.label_value(KUBEFED_MANAGED_LABEL) == "true"


def _is_own_namespace(config: Config, federated: SimObject, target: SimObject) -> bool:
    """Whether this target is the namespace, on the host, the federated object itself is in."""
    same_cluster = target.id.cluster == federated.id.cluster
    return config.target == NAMESPACE_KEY and same_cluster and target.id.name == federated.id.namespace
