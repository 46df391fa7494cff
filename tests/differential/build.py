"""One random fleet: its objects, owner references and deeds, for the API server and for the simulation."""

from collections.abc import Callable, Iterator

from msgspec import Struct

from ks_reset.catalogue.names import CRD_KIND
from ks_reset.model import Body, FleetFacts, Kind, Obj
from ks_reset.simulation import State
from ks_reset.simulation.api_server import after_deletion, after_release, reason_refused
from ks_reset.simulation.objects import WIPED, Id, OwnerRef, SimObject
from tests.differential import draw
from tests.differential.real import FEDERATED, FEDERATED_SPACE, KINDS, NAMESPACE, Pair, crd_of, delete, wipe

HOLD = "example.com/hold"
NOWHERE = "nowhere.example.com/v1"
PLACES = ((), ("host",), ("test",), ("host", "test"))
Job = Callable[[], object]


class World(Struct, frozen=True):
    """A drawn world under the name `w<number>`."""

    number: int
    drawn: draw.Drawn

    @property
    def name(self) -> str:
        return f"w{self.number:03d}"

    @property
    def own(self) -> Kind:
        """Its own type, on the host."""
        return Kind(f"{self.name}.example.com", "v1", "Own", f"{self.name}owns", False)

    @property
    def home(self) -> str:
        return f"{self.name}-fed"

    def place(self, index: int) -> tuple[str, Kind, str, str]:
        """Cluster, kind, namespace and name of a thing."""
        thing = self.drawn.things[index]
        kind = KINDS[thing.kind]
        return thing.cluster, kind, f"{self.name}-s{thing.space}" if kind.namespaced else "", f"{self.name}-t{index}"

    def namespaces(self, pair: Pair) -> Iterator[Job]:
        for cluster in draw.CLUSTERS:
            for index, state in enumerate(self.drawn.spaces[cluster]):
                meta = {"name": f"{self.name}-s{index}", "finalizers": [HOLD] if state == "held" else []}
                yield _create(pair, cluster, NAMESPACE, {"metadata": meta})
            yield _create(pair, cluster, NAMESPACE, {"metadata": {"name": self.home}})
        if self.drawn.typed >= 0:
            yield _create(pair, "host", CRD_KIND, crd_of(self.own, "Cluster"))

    def objects(self, pair: Pair) -> Iterator[Job]:
        for index, thing in enumerate(self.drawn.things):
            cluster, kind, namespace, name = self.place(index)
            body: Body = {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": {"name": name}}
            body["metadata"] |= {"namespace": namespace} if namespace else {}
            body["metadata"]["finalizers"] = [HOLD] if thing.held else []
            if kind.key == "Service":
                body["spec"] = {"ports": [{"port": 80}], "clusterIP": "None"}
            yield _create(pair, cluster, kind, body)
        for index in range(self.drawn.typed):
            held = [HOLD] if self.drawn.typed_held else []
            meta = {"name": f"{self.name}-o{index}", "finalizers": held}
            yield _create(pair, "host", self.own, {"apiVersion": self.own.api_version, "kind": "Own", "metadata": meta})
        for index, spread in enumerate(self.drawn.spreads):
            for cluster in spread.there:
                meta = {"name": f"{self.name}-f{index}", "namespace": self.home}
                yield _create(pair, cluster, KINDS["ConfigMap"], {"metadata": meta})

    def federated(self, pair: Pair) -> Iterator[Job]:
        yield _create(pair, "host", FEDERATED_SPACE, _federated(FEDERATED_SPACE, self.home, self.home, self.drawn.home))
        for index, spread in enumerate(self.drawn.spreads):
            body = _federated(FEDERATED, f"{self.name}-f{index}", self.home, spread.placed)
            body["metadata"]["annotations"] = {"kubefed.io/orphan": "true"} if spread.orphan else {}
            yield _create(pair, "host", FEDERATED, body)

    def ties(self, pair: Pair, facts: FleetFacts) -> Iterator[Job]:
        """The ownerReferences, each object's at once, and the namespaces whose spec.finalizers are wiped."""
        for index, thing in enumerate(self.drawn.things):
            if thing.owners:
                cluster, kind, namespace, name = self.place(index)
                body = {"metadata": {"ownerReferences": self.references(index, facts)}}
                yield _patch(pair, cluster, kind, namespace, name, body)
        for cluster in draw.CLUSTERS:
            for number, state in enumerate(self.drawn.spaces[cluster]):
                if state == "wiped":
                    yield _wipe(pair, cluster, f"{self.name}-s{number}")

    def references(self, index: int, facts: FleetFacts) -> list[Body]:
        thing = self.drawn.things[index]
        return [self._reference(owner, index, facts) | {"blockOwnerDeletion": thing.blocks} for owner in thing.owners]

    def _reference(self, owner: int | str, index: int, facts: FleetFacts) -> Body:
        """The UID of an existing thing of the same cluster; an unused UID for all others."""
        cluster, _, _, _ = self.place(index)
        others = [i for i, t in enumerate(self.drawn.things) if t.cluster == cluster]
        chosen = others[(owner if isinstance(owner, int) else index * 7) % len(others)]
        _, kind, namespace, name = self.place(chosen)
        found = facts.cluster(_identity(facts, cluster)).get(kind.key, name, namespace)  # type: ignore[union-attr]
        uid = found.uid if found else f"none-{self.name}-{index}"
        said = {"apiVersion": kind.api_version, "kind": kind.kind, "name": name, "uid": uid}
        if owner == "absent":
            return {**said, "name": f"{name}-absent", "uid": f"absent-{self.name}-{index}"}
        if owner == "old":
            return {**said, "uid": f"old-{self.name}-{index}"}
        if owner == "unserved":
            return {**said, "apiVersion": NOWHERE, "kind": "Gone", "uid": f"unserved-{self.name}-{index}"}
        return said


def tied(state: State, world: World, facts: FleetFacts) -> State:
    """The simulation's state with the same owner references and wiped namespaces."""
    changes: list[tuple[Id, SimObject | None]] = []
    for index, thing in enumerate(world.drawn.things):
        cluster, kind, namespace, name = world.place(index)
        found = state.objects.get(Id(_identity(facts, cluster), kind.key, namespace, name))
        if found and thing.owners:
            refs = {r["uid"]: r for r in world.references(index, facts)}.values()
            ties = tuple(OwnerRef(_key(r), r["name"], r["uid"], r["blockOwnerDeletion"]) for r in refs)
            changes.append((found.id, found.with_fields(owners=ties)))
    for cluster in draw.CLUSTERS:
        for number, how in enumerate(world.drawn.spaces[cluster]):
            found = state.objects.get(Id(_identity(facts, cluster), "Namespace", "", f"{world.name}-s{number}"))
            if how == "wiped" and found:
                rest = tuple(f for f in found.finalizers if not f.startswith("spec/"))
                changes.append((found.id, found.with_fields(finalizers=(*rest, WIPED))))
    return state.with_changes(changes)


def deed(world: World, one: draw.Deed, pair: Pair) -> Job | None:
    """A deed as requests to the API server; None without an object."""
    target = aim(world, one)
    if target is None:
        return None
    cluster, kind, namespace, name = target
    if one.what == "place":
        return _patch(pair, cluster, kind, namespace, name, {"spec": _placement(PLACES[one.index % 4])})
    if one.what == "release":
        return _patch(pair, cluster, kind, namespace, name, {"metadata": {"finalizers": None}})
    return lambda: delete(pair.clusters[cluster], kind, name, namespace, one.policy)


def done(state: State, world: World, one: draw.Deed, facts: FleetFacts) -> State:
    """The simulation's state after a deed; unchanged if the API server would refuse it."""
    target = aim(world, one)
    if target is None:
        return state
    cluster, kind, namespace, name = target
    found = state.objects.get(Id(_identity(facts, cluster), kind.key, namespace, name))
    if found is None:
        return state
    if one.what == "place":
        body = {**found.obj.body, "spec": {**found.obj.spec, **_placement(PLACES[one.index % 4])}}
        return state.with_changes([(found.id, found.with_fields(obj=Obj(found.kind, body)))])
    if one.what == "release":
        return state.with_changes([(found.id, after_release(found.without_finalizer(HOLD)))])
    if reason_refused(state, found):
        return state
    return state.with_changes([(found.id, after_deletion(found, one.policy))])


def aim(world: World, one: draw.Deed) -> tuple[str, Kind, str, str] | None:
    """The target of a deed: cluster, kind, namespace, name."""
    spread = f"{world.name}-f{one.index % len(world.drawn.spreads)}"
    match one.what:
        case "thing" | "release":
            return world.place(one.index % len(world.drawn.things))
        case "space":
            return one.cluster, NAMESPACE, "", f"{world.name}-s{one.index % 2}"
        case "federated-space":
            return one.cluster, NAMESPACE, "", world.home
        case "spread" | "place":
            return "host", FEDERATED, world.home, spread
        case "home":
            return "host", FEDERATED_SPACE, world.home, world.home
    return ("host", CRD_KIND, "", f"{world.own.plural}.{world.own.group}") if world.drawn.typed >= 0 else None


def _identity(facts: FleetFacts, cluster: str) -> str:
    return next(world.identity for world in facts.clusters if world.name == cluster)


def _key(reference: Body) -> str:
    group = reference["apiVersion"].rpartition("/")[0]
    return f"{reference['kind']}.{group}" if group else str(reference["kind"])


def _placement(placed: tuple[str, ...] | str | None) -> Body:
    if placed is None:
        return {"placement": {}}
    if isinstance(placed, str):
        return {"placement": {"clusterSelector": {}}}
    return {"placement": {"clusters": [{"name": name} for name in placed]}}


def _federated(kind: Kind, name: str, namespace: str, placed: tuple[str, ...] | str | None) -> Body:
    spec = {"template": {"data": {"made": "by kubefed"}}} if kind is FEDERATED else {}
    meta = {"name": name, "namespace": namespace}
    return {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": meta, "spec": {**spec, **_placement(placed)}}


def _create(pair: Pair, cluster: str, kind: Kind, body: Body) -> Job:
    return lambda: pair.clusters[cluster].create(kind, body)


def _patch(pair: Pair, cluster: str, kind: Kind, namespace: str, name: str, body: Body) -> Job:
    return lambda: pair.clusters[cluster].merge_patch(kind, name, namespace, body)


def _wipe(pair: Pair, cluster: str, name: str) -> Job:
    return lambda: wipe(pair.clusters[cluster], name)
