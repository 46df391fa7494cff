"""kubefed's sync controller: makes targets where a federated object is placed, deletes them everywhere else.

kubefed v0.8.1, pkg/controller/sync/controller.go: syncToClusters, ensureDeletion, deleteFromClusters, reconcile for a
target without a federated object; accessor.go, FederatedResource; resource.go, IsNamespaceInHostCluster.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.marks import MANAGED
from ks_reset.model import Kind, Obj
from ks_reset.simulation import placement
from ks_reset.simulation.api_server import deleted, refusal, released
from ks_reset.simulation.move import Effect, Transition
from ks_reset.simulation.objects import Id, SimObject, thing
from ks_reset.simulation.placement import Config
from ks_reset.simulation.state import State

ACTOR = "kubefed"
SOURCE = "kubefed v0.8.1, pkg/controller/sync/controller.go"
SYNC = "kubefed.io/sync-controller"
ORPHANING = "kubefed.io/orphan"
__all__ = ["ACTOR", "MANAGED", "SYNC", "adopts", "destroys", "makes", "runs"]
LABEL = f"metadata.labels[{MANAGED}]"


def runs(state: State) -> bool:
    """Whether any kubefed of the host has a process."""
    return any(catalogue.is_kubefed_controller(state.things[i].obj) for i in state.alive if i in state.things)


def destroys(state: State) -> Iterable[Transition]:
    """What it may delete, or unmark, next."""
    if not runs(state):
        return
    for config in placement.configs(state):
        for source in placement.sources(state, config):
            if source.deleting:
                yield from _take_down(state, config, source)
            else:
                yield from _elsewhere(state, config, source)
        yield from _forgotten(state, config)


def makes(state: State) -> Iterable[Transition]:
    """Targets that it may create next."""
    for config, source, record in _placed(state):
        cluster = state.reaches[record]
        kind, (namespace, name) = state.kind(cluster, config.target), placement.target_name(config, source)
        home = state.things.get(Id(cluster, "Namespace", "", namespace))
        inside = not namespace or (home is not None and not home.deleting)
        if kind and inside and not placement.target(state, config, source, record):
            made, why = (
                _made(state, cluster, kind, namespace, name),
                f"{source.id.title} is placed on the record {record}",
            )
            yield Transition(ACTOR, Effect.MAKES, made.id, made, source.id, "spec.placement", why, SOURCE)


def adopts(state: State) -> Iterable[Transition]:
    """Federated objects that it may hold by its finalizer next, and targets that it may take for its own."""
    for config, source, record in _placed(state):
        if SYNC not in source.finalizers:
            held = source.but(finalizers=(*source.finalizers, SYNC))
            yield Transition(ACTOR, Effect.CHANGES, source.id, held, None, "metadata.finalizers", "it holds it", SOURCE)
        found = placement.target(state, config, source, record)
        if found and not found.deleting and found.label(MANAGED) not in ("true", "false"):
            why = f"{source.id.title} is placed on the record {record}"
            after = found.with_label(MANAGED, "true")
            yield Transition(ACTOR, Effect.CHANGES, found.id, after, source.id, "spec.placement", why, SOURCE)


def _placed(state: State) -> Iterable[tuple[Config, SimObject, str]]:
    """Each federated object that stays, with each record that it is placed on and that reaches a cluster."""
    for config in placement.configs(state) if runs(state) else ():
        for source in placement.sources(state, config):
            chosen = placement.placement(state, config, source)
            if not source.deleting:
                yield from ((config, source, record) for record in placement.ready(state) if record in chosen)


def _elsewhere(state: State, config: Config, source: SimObject) -> Iterable[Transition]:
    """Through a record it is not placed on: a managed target is deleted; its own namespace only loses the label."""
    placed = placement.placement(state, config, source)
    for record in placement.ready(state):
        found = placement.target(state, config, source, record)
        if record in placed or not found or found.deleting or not _managed(found):
            continue
        why = f"{source.id.title} is not placed on the record {record}, which reaches this cluster"
        yield _unmark(found, source, why) if _home(config, source, found) else _delete(state, found, source, why)


def _take_down(state: State, config: Config, source: SimObject) -> Iterable[Transition]:
    """Of a federated object that is being deleted: its targets first, unless it says that they shall be orphaned."""
    if SYNC not in source.finalizers:
        return
    field = "metadata.finalizers"
    if source.obj.annotations.get(ORPHANING) == "true":
        after = released(source.without_finalizer(SYNC))
        yield Transition(ACTOR, Effect.LETS_GO, source.id, after, None, field, f"it says {ORPHANING}: true", SOURCE)
        return
    remaining = False
    for record in placement.ready(state):
        found = placement.target(state, config, source, record)
        if not found or not _managed(found):
            continue
        at_home = _home(config, source, found)
        remaining |= not (at_home and found.deleting)
        if not found.deleting:
            why = f"{source.id.title} is being deleted, and its targets with it"
            yield _unmark(found, source, why) if at_home else _delete(state, found, source, why)
    if not remaining and not placement.unready(state):
        after = released(source.without_finalizer(SYNC))
        yield Transition(ACTOR, Effect.LETS_GO, source.id, after, None, field, "none of its targets is left", SOURCE)


def _forgotten(state: State, config: Config) -> Iterable[Transition]:
    """A managed target whose federated object is gone loses the label."""
    named = {placement.target_name(config, s) for s in placement.sources(state, config)}
    clusters = {state.reaches[r] for r in placement.ready(state)}
    for found in state.by_key.get(config.target, ()):
        if found.id.cluster in clusters and _managed(found) and (found.id.namespace, found.id.name) not in named:
            yield _unmark(found, None, "no federated object of this name is left")


def _made(state: State, cluster: str, kind: Kind, namespace: str, name: str) -> SimObject:
    """A target as kubefed makes it: managed, without owners, with a UID that nobody has had."""
    was = state.world(cluster).get(kind.key, name, namespace)
    meta = {"name": name, "labels": {MANAGED: "true"}, **({"namespace": namespace} if namespace else {})}
    body = {**(was.body if was else {}), "metadata": meta}
    blank = thing(cluster, Obj(kind, body))
    return blank.but(uid=state.fresh_uid(blank.id))


def _delete(state: State, found: SimObject, source: SimObject, why: str) -> Transition:
    refused = refusal(state, found)
    after = found if refused else deleted(found)
    return Transition(ACTOR, Effect.DELETES, found.id, after, source.id, LABEL, why, SOURCE, refused)


def _unmark(found: SimObject, source: SimObject | None, why: str) -> Transition:
    cause = source.id if source else None
    return Transition(ACTOR, Effect.CHANGES, found.id, found.without_label(MANAGED), cause, LABEL, why, SOURCE)


def _managed(found: SimObject) -> bool:
    return found.label(MANAGED) == "true"


def _home(config: Config, source: SimObject, found: SimObject) -> bool:
    """Whether this target is the namespace, on the host, in which the federated object itself lies."""
    return (
        config.target == "Namespace" and found.id.cluster == source.id.cluster and found.id.name == source.id.namespace
    )
