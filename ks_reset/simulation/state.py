"""Everything at one moment: the things of every cluster, and which controllers run. A value; a move makes another."""

from collections.abc import Iterable, Mapping
from functools import cached_property

from msgspec import structs

from ks_reset import catalogue, seatbelt
from ks_reset.facts.federation import RECORD, identities, secret_of
from ks_reset.model import ClusterFacts, Dial, FleetFacts, Kind, Obj, Reach
from ks_reset.simulation.objects import SPEC, WIPED, Id, OwnerRef, SimObject, thing

CRD = "CustomResourceDefinition.apiextensions.k8s.io"
DEPLOYMENT = "Deployment.apps"


class State:
    """`things` by Id; `alive` are the Deployments of controllers that have a process; `belted` the clusters where
    ks-reset's seatbelt is on.

    `facts` are what the state was made from: for what no move changes, such as which record reaches which cluster.
    """

    def __init__(
        self,
        facts: FleetFacts,
        things: Mapping[Id, SimObject],
        alive: frozenset[Id],
        belted: frozenset[str] = frozenset(),
    ) -> None:
        self.facts = facts
        self.things = things
        self.alive = alive
        self.belted = belted

    @classmethod
    def of(cls, facts: FleetFacts) -> "State":
        """The state that facts describe; a controller has a process if its Deployment wants one."""
        things = {t.id: t for world in facts.clusters for obj in world.all() for t in [thing(world.identity, obj)]}
        running = {t.id for t in things.values() if t.id.key == DEPLOYMENT and t.replicas > 0}
        belted = frozenset(world.identity for world in facts.clusters if seatbelt.denies(world))
        return cls(facts, things, frozenset(i for i in running if catalogue.reacts(things[i].obj)), belted)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, State) and self.key == other.key

    @cached_property
    def key(self) -> tuple[frozenset[SimObject], frozenset[Id], frozenset[str]]:
        return frozenset(self.things.values()), self.alive, self.belted

    def put(self, changes: Iterable[tuple[Id, SimObject | None]]) -> "State":
        """The state after these changes; None takes a thing away."""
        things = dict(self.things)
        for place, after in changes:
            if after is None:
                things.pop(place, None)
            else:
                things[place] = after
        return State(self.facts, things, self.alive, self.belted)

    def running(self, alive: frozenset[Id]) -> "State":
        """The same things, with these controllers running."""
        return State(self.facts, self.things, alive, self.belted)

    def belt(self, belted: frozenset[str]) -> "State":
        """The same things, with the seatbelt on in these clusters."""
        return State(self.facts, self.things, self.alive, belted)

    @cached_property
    def uids(self) -> Mapping[tuple[str, str], SimObject]:
        """The things by cluster and UID."""
        return {(t.id.cluster, t.uid): t for t in self.things.values()}

    @cached_property
    def dependents(self) -> Mapping[tuple[str, str], list[SimObject]]:
        """The things that name an owner, by cluster and the owner's UID."""
        found: dict[tuple[str, str], list[SimObject]] = {}
        for each in self.things.values():
            for tie in each.owners:
                found.setdefault((each.id.cluster, tie.uid), []).append(each)
        return found

    @cached_property
    def contents(self) -> Mapping[tuple[str, str], list[SimObject]]:
        """The things inside a namespace, by cluster and name."""
        found: dict[tuple[str, str], list[SimObject]] = {}
        for each in self.things.values():
            if each.id.namespace:
                found.setdefault((each.id.cluster, each.id.namespace), []).append(each)
        return found

    @cached_property
    def by_key(self) -> Mapping[str, list[SimObject]]:
        found: dict[str, list[SimObject]] = {}
        for each in self.things.values():
            found.setdefault(each.id.key, []).append(each)
        return found

    @cached_property
    def defined(self) -> Mapping[tuple[str, str], SimObject]:
        """The CRDs, by cluster and the `Kind.key` that each defines."""
        return {(crd.id.cluster, defines(crd.obj)): crd for crd in self.by_key.get(CRD, ())}

    def owner(self, dependent: SimObject, tie: OwnerRef) -> SimObject | None:
        """The object at an ownerReference's coordinates: cluster-wide, or in the dependent's namespace."""
        cluster, _, namespace, _ = dependent.id
        found = self.things.get(Id(cluster, tie.key, "", tie.name))
        return found or (self.things.get(Id(cluster, tie.key, namespace, tie.name)) if namespace else None)

    def above(self, each: SimObject) -> list[SimObject]:
        """It, the namespace it is in, and the owners of both, however far up: with each of these it may go."""
        found = [each]
        for one in found:  # grows meanwhile
            home = self.things.get(Id(one.id.cluster, "Namespace", "", one.id.namespace)) if one.id.namespace else None
            up = [home, *(self.owner(one, tie) for tie in one.owners)]
            found += [thing for thing in dict.fromkeys(up) if thing and thing not in found]
        return found

    def kind(self, cluster: str, key: str) -> Kind | None:
        """The type as the cluster serves it now, or None: gone with its CRD, or never there."""
        crd = self.defined.get((cluster, key))
        world = self.world(cluster)
        if crd:
            return world.kinds.get(key) or _kind(crd.obj)
        if any(defines(obj) == key for obj in world.of(CRD)):
            return None
        return world.kinds.get(key)

    def fresh_uid(self, place: Id) -> str:
        """A UID for an object that is made anew: one that no object has and no ownerReference names."""
        was = self.world(place.cluster).get(place.key, place.name, place.namespace)
        stem = was.uid if was else place.title
        taken = (place.cluster, stem)
        for count in range(1, len(self.things) + 2):
            taken = (place.cluster, f"{stem}+{count}")
            if taken not in self.uids and taken not in self.dependents:
                break
        return taken[1]

    def world(self, cluster: str) -> ClusterFacts:
        found = self.facts.world(cluster)
        assert found is not None, "every thing is of a cluster of the facts"
        return found

    @cached_property
    def reaches(self) -> Mapping[str, str]:
        """The identity of the cluster behind each KubeFedCluster by name; empty if nobody knows."""
        return identities(self.facts.host.dials)


def defines(crd: Obj) -> str:
    """The `Kind.key` of the type that a CRD defines."""
    return f"{(crd.spec.get('names') or {}).get('kind', '')}.{crd.spec.get('group', '')}"


def _kind(crd: Obj) -> Kind:
    names, versions = crd.spec["names"], crd.spec.get("versions") or [{"name": "v1"}]
    scope = crd.spec.get("scope", "Namespaced")
    return Kind(str(crd.spec["group"]), versions[0]["name"], names["kind"], names["plural"], scope == "Namespaced")


def facts_of(state: State) -> FleetFacts:
    """The facts that one would read in this state. Records reach what they reached, unless their Secret is gone."""
    *members, host = (_world(state, world) for world in state.facts.clusters)
    return structs.replace(state.facts, host=host, members=tuple(members))


def _world(state: State, world: ClusterFacts) -> ClusterFacts:
    objects: dict[str, list[Obj]] = {}
    for each in state.things.values():
        if each.id.cluster == world.identity:
            objects.setdefault(each.id.key, []).append(as_obj(each))
    kinds = {key: kind for key, kind in world.kinds.items() if state.kind(world.identity, key)}
    dials = tuple(_dial(state, world, dial) for dial in world.dials if _record(state, world, dial))
    found = {key: tuple(objs) for key, objs in objects.items()}
    return structs.replace(world, kinds=kinds, objects=found, dials=dials)


def _record(state: State, world: ClusterFacts, dial: Dial) -> SimObject | None:
    return state.things.get(Id(world.identity, RECORD, dial.namespace, dial.record))


def _dial(state: State, world: ClusterFacts, dial: Dial) -> Dial:
    record = world.get(RECORD, dial.record, dial.namespace)
    secret = secret_of(world, record) if record else None
    if secret is None or state.things.get(thing(world.identity, secret).id):
        return dial
    return structs.replace(dial, reach=Reach.NO_SECRET, identity="")


def as_obj(each: SimObject) -> Obj:
    """The object as it would be read now."""
    was = thing(each.id.cluster, each.obj)
    if was == each:
        return each.obj
    meta = {**each.obj.meta, "uid": each.uid, "labels": dict(each.labels)}
    meta["finalizers"] = [f for f in each.finalizers if not f.startswith(SPEC)]
    kept = {tie.uid for tie in each.owners}
    meta["ownerReferences"] = [r for r in meta.get("ownerReferences") or [] if r["uid"] in kept] + _new(each)
    meta.pop("deletionTimestamp", None)
    if each.deleting:
        meta["deletionTimestamp"] = each.obj.meta.get("deletionTimestamp", "2026-01-01T00:00:00Z")
    body = {**each.obj.body, "metadata": meta}
    if each.replicas >= 0:
        body["spec"] = {**each.obj.spec, "replicas": each.replicas}
    if WIPED not in each.finalizers and each.id.key == "Namespace":
        held = [f.removeprefix(SPEC) for f in each.finalizers if f.startswith(SPEC)]
        body["spec"] = {**each.obj.spec, "finalizers": held}
    return Obj(each.kind, body)


def _new(each: SimObject) -> list[dict[str, object]]:
    """References that were added since the object was read."""
    had = {reference["uid"] for reference in each.obj.meta.get("ownerReferences") or []}
    return [
        {
            "apiVersion": f"{tie.key.partition('.')[2]}/v1alpha1",
            "kind": tie.key.partition(".")[0],
            "name": tie.name,
            "uid": tie.uid,
            "blockOwnerDeletion": tie.blocks,
        }
        for tie in each.owners
        if tie.uid not in had
    ]
