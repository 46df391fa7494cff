"""One tenant as objects on the API servers, and its owners and deeds for these and for the simulation."""

from collections.abc import Callable, Iterator

from msgspec import Struct

from ks_reset.catalogue.names import (
    CASCADING_FINALIZER,
    KUBEFED_MANAGED_LABEL,
    KUBEFED_SYNC_FINALIZER,
    NAMESPACES_FINALIZER,
    PROPAGATION_ANNOTATION,
    TEMPLATE_FINALIZER,
    TEMPLATE_ORPHAN_FINALIZER,
    WORKSPACE_LABEL,
)
from ks_reset.model import Body, FleetFacts, Kind, Obj
from ks_reset.simulation import State
from ks_reset.simulation.api_server import after_deletion, reason_refused
from ks_reset.simulation.objects import Id, OwnerRef, SimObject
from tests.differential.real import KINDS, NAMESPACE
from tests.differential.tenants.draw import CLUSTERS, Deed, Space, Tenant
from tests.differential.tenants.real import Tenancy

HOLD = "example.com/hold"
WORKSPACE_FINALIZER = "finalizers.tenant.kubesphere.io"
PLACED: dict[str, Body] = {
    "host": {"clusters": [{"name": "host"}]},
    "test": {"clusters": [{"name": "test"}]},
    "both": {"clusters": [{"name": "host"}, {"name": "test"}]},
    "all": {"clusterSelector": {}},
    "empty": {"clusters": []},
    "nowhere": {},
    "match": {"clusterSelector": {"matchLabels": {"region": "eu"}}},
    "mismatch": {"clusterSelector": {"matchLabels": {"region": "mars"}}},
}
ORPHANING = (TEMPLATE_FINALIZER, TEMPLATE_ORPHAN_FINALIZER)
Job = Callable[[], object]
CONFIG = KINDS["ConfigMap"]
BACKGROUND = "Background"


class World(Struct, frozen=True):
    """A tenant under the name `t<number>`."""

    number: int
    drawn: Tenant

    @property
    def name(self) -> str:
        return f"t{self.number:05d}"

    def space(self, index: int) -> str:
        return f"{self.name}-s{index}"

    def objects(self, fleet: Tenancy) -> Iterator[Job]:
        """Everything without owners; a namespace before what is in it."""
        four = fleet.is_4
        for cluster in CLUSTERS:
            room = self.drawn.rooms[cluster]
            if room.there:
                mark = CASCADING_FINALIZER if four else WORKSPACE_FINALIZER
                meta = _meta(self.name, finalizers=[mark] if room.marked else [])
                meta |= {"labels": {KUBEFED_MANAGED_LABEL: room.managed}} if room.managed and not four else {}
                meta |= {"annotations": {PROPAGATION_ANNOTATION: room.policy}} if room.policy else {}
                yield _create(fleet, cluster, fleet.workspace, {"metadata": meta, "spec": {}})
            for index, space in enumerate(self.drawn.spaces[cluster]):
                yield _create(fleet, cluster, NAMESPACE, {"metadata": self._space_meta(index, space, four=four)})
        if self.drawn.template:
            yield _create(fleet, "host", fleet.template, self._template(four=four))
        if self.drawn.federated and not four:
            meta = _meta(self.name, finalizers=[KUBEFED_SYNC_FINALIZER] if self.drawn.adopted else [])
            yield _create(fleet, "host", fleet.federated, {"metadata": meta, "spec": _spec(self.drawn.federated)})

    def contents(self, fleet: Tenancy) -> Iterator[Job]:
        for cluster in CLUSTERS:
            for index, _ in enumerate(self.drawn.spaces[cluster]):
                meta = {"name": "settings", "namespace": self.space(index)}
                yield _create(fleet, cluster, CONFIG, {"metadata": meta})

    def ties(self, fleet: Tenancy, facts: FleetFacts) -> Iterator[Job]:
        """The ownerReferences, all of a namespace at once."""
        for cluster, index, owners in self.owners(fleet, facts):
            body = {"metadata": {"ownerReferences": [dict(owner) for owner in owners]}}
            yield _patch(fleet, cluster, NAMESPACE, self.space(index), body)

    def owners(self, fleet: Tenancy, facts: FleetFacts) -> Iterator[tuple[str, int, list[Body]]]:
        """Cluster, number of the namespace, and its owners."""
        for cluster in CLUSTERS:
            for index, space in enumerate(self.drawn.spaces[cluster]):
                if owners := list(self._owners_of(fleet, facts, cluster, space)):
                    yield cluster, index, owners

    def _owners_of(self, fleet: Tenancy, facts: FleetFacts, cluster: str, space: Space) -> Iterator[Body]:
        world = next(each for each in facts.clusters if each.name == cluster)
        kind = fleet.template if space.owner == "template" else fleet.workspace
        found = world.get(kind.key, self.name) if space.owner in ("workspace", "template", "both") else None
        if space.owner:
            uid = found.uid if found else f"gone-{self.name}"
            yield _owner(kind, self.name, uid) | {"controller": True, "blockOwnerDeletion": True}
        if space.owner == "both":
            yield _owner(fleet.workspace, f"{self.name}-gone", f"lost-{self.name}")

    def _space_meta(self, index: int, space: Space, *, four: bool) -> Body:
        label = {"own": self.name, "other": f"{self.name}-other"}.get(space.label)
        labels = {WORKSPACE_LABEL: label} if label else {}
        labels |= {KUBEFED_MANAGED_LABEL: "true"} if space.managed and not four else {}
        mark = CASCADING_FINALIZER if four else NAMESPACES_FINALIZER
        finalizers = [*([HOLD] if space.held else []), *([mark] if space.marked else [])]
        return _meta(self.space(index), labels=labels, finalizers=finalizers)

    def _template(self, *, four: bool) -> Body:
        own = {"main": CASCADING_FINALIZER if four else TEMPLATE_FINALIZER, "orphan": TEMPLATE_ORPHAN_FINALIZER}
        names = [own[each] for each in self.drawn.finalizers if not (four and each == "orphan")]
        meta = _meta(self.name, finalizers=names)
        meta |= {"annotations": {PROPAGATION_ANNOTATION: self.drawn.policy}} if self.drawn.policy else {}
        return {"metadata": meta, "spec": _spec(self.drawn.template)}


def tied(state: State, world: World, fleet: Tenancy, facts: FleetFacts) -> State:
    """The state with the same ownerReferences."""
    changes: list[tuple[Id, SimObject | None]] = []
    for cluster, index, owners in world.owners(fleet, facts):
        found = state.objects.get(_id(facts, cluster, NAMESPACE, world.space(index)))
        if found:
            refs = tuple(OwnerRef(_key(o), o["name"], o["uid"], bool(o.get("blockOwnerDeletion"))) for o in owners)
            changes.append((found.id, found.with_fields(owners=refs)))
    return state.with_changes(changes)


def deed(world: World, one: Deed, fleet: Tenancy) -> Job:
    """A deed as requests; nothing happens to an object that is not there."""
    cluster, kind, name = _aim(world, one, fleet)
    if one.what == "place":
        spec = {"op": "replace", "path": "/spec", "value": _spec(one.placed)}
        return lambda: fleet.clusters[cluster].json_patch(kind, name, "", [spec])
    if one.what in ("label", "unlabel"):
        label = world.name if one.what == "label" else None
        return _patch(fleet, cluster, kind, name, {"metadata": {"labels": {WORKSPACE_LABEL: label}}})
    if _orphans(one, fleet):
        mark = _patch(fleet, cluster, kind, name, {"metadata": {"finalizers": list(ORPHANING)}})
        return lambda: [mark(), fleet.remove(cluster, kind, name)]
    return lambda: fleet.remove(cluster, kind, name)


def _orphans(one: Deed, fleet: Tenancy) -> bool:
    """Whether a template is deleted with the orphan finalizer, which 4.1.3 does not know."""
    return one.what == "orphan template" and not fleet.is_4


def done(state: State, world: World, one: Deed, fleet: Tenancy, facts: FleetFacts) -> State:
    """The state after a deed; the same one if the API server would refuse it, or there is no such object."""
    cluster, kind, name = _aim(world, one, fleet)
    found = state.objects.get(_id(facts, cluster, kind, name))
    if found is None or (found.deleting and one.what not in ("place", "label", "unlabel")):
        return state
    if one.what == "place":
        return state.with_changes([(found.id, _with_spec(found, _spec(one.placed)))])
    if one.what in ("label", "unlabel"):
        bare = found.without_label(WORKSPACE_LABEL)
        after = bare if one.what == "unlabel" else bare.with_label(WORKSPACE_LABEL, world.name)
        return state.with_changes([(found.id, after)])
    if _orphans(one, fleet):
        found = found.with_fields(finalizers=ORPHANING)
    if reason_refused(state, found):
        return state
    return state.with_changes([(found.id, after_deletion(found, BACKGROUND))])


def _aim(world: World, one: Deed, fleet: Tenancy) -> tuple[str, Kind, str]:
    if one.what == "delete workspace":
        return one.cluster, fleet.workspace, world.name
    if one.what in ("label", "unlabel"):
        return one.cluster, NAMESPACE, world.space(one.index % len(world.drawn.spaces[one.cluster]))
    federated = one.what == "delete federated" and not fleet.is_4
    return "host", fleet.federated if federated else fleet.template, world.name


def _with_spec(found: SimObject, spec: Body) -> SimObject:
    return found.with_fields(obj=Obj(found.kind, {**found.obj.body, "spec": {**found.obj.spec, **spec}}))


def _spec(placed: str) -> Body:
    return {"template": {"spec": {}}, "placement": PLACED[placed]}


def _meta(name: str, **marks: object) -> Body:
    return {"name": name, **{key: value for key, value in marks.items() if value}}


def _owner(kind: Kind, name: str, uid: str) -> Body:
    return {"apiVersion": kind.api_version, "kind": kind.kind, "name": name, "uid": uid}


def _key(owner: Body) -> str:
    return f"{owner['kind']}.{owner['apiVersion'].rpartition('/')[0]}"


def _id(facts: FleetFacts, cluster: str, kind: Kind, name: str) -> Id:
    return Id(next(world.identity for world in facts.clusters if world.name == cluster), kind.key, "", name)


def _create(fleet: Tenancy, cluster: str, kind: Kind, body: Body) -> Job:
    return lambda: fleet.clusters[cluster].create(kind, {"apiVersion": kind.api_version, "kind": kind.kind, **body})


def _patch(fleet: Tenancy, cluster: str, kind: Kind, name: str, body: Body) -> Job:
    return lambda: fleet.clusters[cluster].merge_patch(kind, name, "", body)
