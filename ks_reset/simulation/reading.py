"""A state as the facts and objects a reading would give."""

from msgspec import structs

from ks_reset.catalogue.names import KUBEFED_CLUSTER_KEY, NAMESPACE_KEY
from ks_reset.facts.federation import secret_of
from ks_reset.model import ClusterFacts, Dial, FleetFacts, Obj, Reach
from ks_reset.simulation.objects import SPEC, WIPED, Id, SimObject, to_sim_object
from ks_reset.simulation.state import State


def facts_of(state: State) -> FleetFacts:
    """The facts a reading would give in this state. A record reaches its old cluster while its Secret exists."""
    *members, host = (_cluster_facts(state, world) for world in state.facts.clusters)
    return structs.replace(state.facts, host=host, members=tuple(members))


def _cluster_facts(state: State, world: ClusterFacts) -> ClusterFacts:
    objects: dict[str, list[Obj]] = {}
    for subject in state.objects.values():
        if subject.id.cluster == world.identity:
            objects.setdefault(subject.id.key, []).append(as_obj(subject))
    kinds = {key: kind for key, kind in world.kinds.items() if state.served_kind(world.identity, key)}
    dials = tuple(_dial_now(state, world, dial) for dial in world.dials if _has_record(state, world, dial))
    by_kind = {key: tuple(objs) for key, objs in objects.items()}
    return structs.replace(world, kinds=kinds, objects=by_kind, dials=dials)


def _has_record(state: State, world: ClusterFacts, dial: Dial) -> bool:
    return Id(world.identity, KUBEFED_CLUSTER_KEY, dial.namespace, dial.record) in state.objects


def _dial_now(state: State, world: ClusterFacts, dial: Dial) -> Dial:
    if dial.record in state.joined_records:
        connected = (c for c in world.connections if c.record == dial.record)
        return next(
            (structs.replace(dial, reach=c.reach, identity=c.identity, endpoint=c.endpoint) for c in connected), dial
        )
    record = world.get(KUBEFED_CLUSTER_KEY, dial.record, dial.namespace)
    secret = secret_of(world, record) if record else None
    if secret is None or state.objects.get(to_sim_object(world.identity, secret).id):
        return dial
    return structs.replace(dial, reach=Reach.NO_SECRET, identity="")


def as_obj(subject: SimObject) -> Obj:
    """The object as a reading would give it now."""
    if to_sim_object(subject.id.cluster, subject.obj) == subject:
        return subject.obj
    meta = {**subject.obj.meta, "uid": subject.uid, "labels": dict(subject.labels)}
    meta["finalizers"] = [f for f in subject.finalizers if not f.startswith(SPEC)]
    meta["ownerReferences"] = _owner_references(subject)
    meta.pop("deletionTimestamp", None)
    if subject.deleting:
        meta["deletionTimestamp"] = subject.obj.meta.get("deletionTimestamp", "2026-01-01T00:00:00Z")
    body = {**subject.obj.body, "metadata": meta}
    if subject.replicas >= 0:
        body["spec"] = {**subject.obj.spec, "replicas": subject.replicas}
    if WIPED not in subject.finalizers and subject.id.key == NAMESPACE_KEY:
        finalizers = [f.removeprefix(SPEC) for f in subject.finalizers if f.startswith(SPEC)]
        body["spec"] = {**subject.obj.spec, "finalizers": finalizers}
    return Obj(subject.kind, body)


def _owner_references(subject: SimObject) -> list[dict[str, object]]:
    """The references as read and still present, then those added since."""
    as_read = subject.obj.meta.get("ownerReferences") or []
    present = {tie.uid for tie in subject.owners}
    known = {reference["uid"] for reference in as_read}
    added: list[dict[str, object]] = [
        {
            "apiVersion": f"{tie.key.partition('.')[2]}/v1alpha1",
            "kind": tie.key.partition(".")[0],
            "name": tie.name,
            "uid": tie.uid,
            "blockOwnerDeletion": tie.blocks,
        }
        for tie in subject.owners
        if tie.uid not in known
    ]
    return [reference for reference in as_read if reference["uid"] in present] + added
