"""The state of the fleet at one moment, as a value: the objects of every cluster, and the running controllers."""

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property

from ks_reset import seatbelt
from ks_reset.catalogue.names import (
    APP_INSTANCE_LABEL,
    CLUSTER_KEY,
    CRD_KEY,
    DEPLOYMENT_KEY,
    HELM_RELEASE_NAME_ANNOTATION,
    HOST_ROLE_LABEL,
    KUBEFED_CLUSTER_KEY,
    NAMESPACE_KEY,
)
from ks_reset.facts.federation import identity_by_record
from ks_reset.facts.stray_controllers import running_places
from ks_reset.model import ClusterFacts, FleetFacts, Kind, Obj
from ks_reset.simulation.memo import ALIVE, Memo, memo_without, remembered
from ks_reset.simulation.objects import Id, OwnerRef, SimObject, to_sim_object


class State:
    """`objects` are the objects by Id, `alive` what runs controllers with a process: Deployments, and others alone.

    `seatbelt_on` are the identities of the clusters where ks-reset's seatbelt is on. With `shielded`, a webhook without
    a backend refuses deletions of controllers too; without, only ks-reset's writes: its backend may return at any time.
    `facts` are those the state was made from, for facts no transition changes, such as the cluster behind a record.
    `kinds` are the objects by `Kind.key`; `memo` is for `remembered`.
    """

    def __init__(
        self,
        facts: FleetFacts,
        things: dict[Id, SimObject],
        alive: frozenset[Id],
        belted: frozenset[str] = frozenset(),
        shielded: bool = False,
        kinds: dict[str, dict[Id, SimObject]] | None = None,
        memo: Memo | None = None,
    ) -> None:
        self.facts = facts
        self.objects = things
        self.alive = alive
        self.seatbelt_on = belted
        self.shielded = shielded
        self.kinds = _by_kind(things) if kinds is None else kinds
        self.memo: Memo = {} if memo is None else memo

    @classmethod
    def of(cls, facts: FleetFacts) -> "State":
        """The state facts describe. The garbage collector is not counted on to end a controller without Deployment."""
        subjects = {s.id: s for w in facts.clusters for s in (to_sim_object(w.identity, obj) for obj in w.all())}
        alive = frozenset(Id(w.identity, *place) for w in facts.clusters for place in running_places(w))
        strays = {place: subjects[place].with_fields(owners=()) for place in alive if place.key != DEPLOYMENT_KEY}
        belted = frozenset(world.identity for world in facts.clusters if seatbelt.is_on(world))
        return cls(facts, subjects | strays, alive, belted)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, State) and self.key == other.key

    @cached_property
    def key(self) -> tuple[frozenset[SimObject], frozenset[Id], frozenset[str]]:
        """The values two states are compared by."""
        return frozenset(self.objects.values()), self.alive, self.seatbelt_on

    def with_changes(self, changes: Iterable[tuple[Id, SimObject | None]]) -> "State":
        """The state after these changes; None removes an object."""
        changes = list(changes)
        things, kinds, touched = dict(self.objects), dict(self.kinds), {place.key for place, _ in changes}
        kinds |= {key: dict(self.kinds.get(key, ())) for key in touched}
        for place, after in changes:
            change_object(things, place, after)
            change_object(kinds[place.key], place, after)
        memo = memo_without(self.memo, touched)
        return State(self.facts, things, self.alive, self.seatbelt_on, self.shielded, kinds, memo)

    def with_running(self, alive: frozenset[Id]) -> "State":
        """The same objects, with exactly these controllers running."""
        memo = memo_without(self.memo, {ALIVE})
        return State(self.facts, self.objects, alive, self.seatbelt_on, self.shielded, self.kinds, memo)

    def with_seatbelt_on(self, belted: frozenset[str]) -> "State":
        """The same objects, with the seatbelt on in exactly these clusters."""
        return State(self.facts, self.objects, self.alive, belted, self.shielded, self.kinds, self.memo)

    def with_shields(self) -> "State":
        """The same objects, with webhooks without a backend refusing the deletions of controllers as well."""
        return State(self.facts, self.objects, self.alive, self.seatbelt_on, True, self.kinds, self.memo)

    def of_kind(self, key: str) -> Collection[SimObject]:
        """The objects of a type in all clusters, by `Kind.key`."""
        objects = self.kinds.get(key)
        return objects.values() if objects else ()

    @cached_property
    def by_uid(self) -> Mapping[tuple[str, str], SimObject]:
        """The objects by cluster and UID."""
        return {(subject.id.cluster, subject.uid): subject for subject in self.objects.values()}

    @cached_property
    def dependents(self) -> Mapping[tuple[str, str], list[SimObject]]:
        """The objects naming an owner, by cluster and the owner's UID."""
        by_owner: dict[tuple[str, str], list[SimObject]] = {}
        for subject in self.objects.values():
            for tie in subject.owners:
                by_owner.setdefault((subject.id.cluster, tie.uid), []).append(subject)
        return by_owner

    @cached_property
    def by_namespace(self) -> Mapping[tuple[str, str], list[SimObject]]:
        """The objects inside a namespace, by cluster and namespace."""
        by_namespace: dict[tuple[str, str], list[SimObject]] = {}
        for subject in self.objects.values():
            if subject.id.namespace:
                by_namespace.setdefault((subject.id.cluster, subject.id.namespace), []).append(subject)
        return by_namespace

    @cached_property
    def by_application(self) -> Mapping[str, list[SimObject]]:
        """The objects of all clusters by the name of the release they are of: by KubeSphere's label, or helm's mark."""
        by_application: dict[str, list[SimObject]] = {}
        for subject in self.objects.values():
            names = subject.label_value(APP_INSTANCE_LABEL), subject.obj.annotations.get(HELM_RELEASE_NAME_ANNOTATION)
            for name in dict.fromkeys(filter(None, names)):
                by_application.setdefault(name, []).append(subject)
        return by_application

    def owner_of(self, dependent: SimObject, tie: OwnerRef) -> SimObject | None:
        """The object at an ownerReference's coordinates: cluster-wide, or in the dependent's namespace."""
        cluster, _, namespace, _ = dependent.id
        cluster_wide = self.objects.get(Id(cluster, tie.key, "", tie.name))
        return cluster_wide or (self.objects.get(Id(cluster, tie.key, namespace, tie.name)) if namespace else None)

    def with_parents(self, subject: SimObject) -> list[SimObject]:
        """The object, its namespace, and the owners of both at any distance: the loss of each may cause its loss."""
        chain = [subject]
        for current in chain:  # grows meanwhile
            place = Id(current.id.cluster, NAMESPACE_KEY, "", current.id.namespace)
            namespace = self.objects.get(place) if current.id.namespace else None
            parents = [namespace, *(self.owner_of(current, tie) for tie in current.owners)]
            chain += [parent for parent in dict.fromkeys(parents) if parent and parent not in chain]
        return chain

    def served_kind(self, cluster: str, key: str) -> Kind | None:
        """The type as the cluster serves it now; None if its CRD is gone or never existed."""
        crd, world = crds_by_kind(self).get((cluster, key)), self.cluster_facts(cluster)
        if crd:
            return world.kinds.get(key) or _kind_of_crd(crd.obj)
        return None if key in _kinds_defined(self, cluster) else world.kinds.get(key)

    def fresh_uid(self, place: Id) -> str:
        """A UID for a recreated object: one no object has and no ownerReference names."""
        was = self.cluster_facts(place.cluster).get(place.key, place.name, place.namespace)
        stem = was.uid if was else place.title
        candidates = (f"{stem}+{count}" for count in range(1, len(self.objects) + 2))
        return next(uid for uid in candidates if not self.is_uid_known(place.cluster, uid))

    def is_uid_known(self, cluster: str, uid: str) -> bool:
        """Whether an object has this UID, or names it as its owner."""
        return (cluster, uid) in self.by_uid or (cluster, uid) in self.dependents

    def cluster_facts(self, cluster: str) -> ClusterFacts:
        """The facts of the cluster with this identity; every object of a state is of one of them."""
        world = self.facts.cluster(cluster)
        assert world is not None, "every object is of a cluster of the facts"
        return world

    @property
    def identity_by_record(self) -> Mapping[str, str]:
        """The identity of the cluster behind each KubeFedCluster, by name; "" if it is unknown.

        A record written by KubeSphere since the facts were read leads where the Cluster of its name does.
        """
        return _identity_by_record(self)

    @property
    def joined_records(self) -> frozenset[str]:
        """The names of the host's KubeFedClusters that a controller has written since the facts were read."""
        return _joined_records(self)

    @property
    def identity_by_connection(self) -> Mapping[str, str]:
        """The identity of the cluster behind each Cluster, by name, else behind its record; "" if it is unknown.

        The host's own Cluster may name an address that answers inside the cluster alone.
        """
        return _identity_by_connection(self)


@remembered(KUBEFED_CLUSTER_KEY, CLUSTER_KEY)
def _identity_by_record(state: State) -> Mapping[str, str]:
    written = {name: state.identity_by_connection.get(name, "") for name in state.joined_records}
    return {**identity_by_record(state.facts.host.dials, state.facts.host.connections), **written}


@remembered(KUBEFED_CLUSTER_KEY)
def _joined_records(state: State) -> frozenset[str]:
    records = (r for r in state.of_kind(KUBEFED_CLUSTER_KEY) if r.id.cluster == state.facts.host.identity)
    return frozenset(record.id.name for record in records if record.written)


@remembered(CLUSTER_KEY)
def _identity_by_connection(state: State) -> Mapping[str, str]:
    host, connected = state.facts.host.identity, identity_by_record(state.facts.host.connections)
    records = identity_by_record(state.facts.host.dials)
    own = {c.id.name: host for c in state.of_kind(CLUSTER_KEY) if c.label_value(HOST_ROLE_LABEL) is not None}
    return {**own, **{n: i for known in (records, connected) for n, i in known.items() if i or n not in own}}


@remembered(CRD_KEY)
def crds_by_kind(state: State) -> Mapping[tuple[str, str], SimObject]:
    """The CRDs, by cluster and the `Kind.key` each defines."""
    return {(crd.id.cluster, defined_kind(crd.obj)): crd for crd in state.of_kind(CRD_KEY)}


@remembered()
def _kinds_defined(state: State, cluster: str) -> frozenset[str]:
    """The types, by `Kind.key`, that a CRD of the facts defines."""
    return frozenset(defined_kind(obj) for obj in state.cluster_facts(cluster).of(CRD_KEY))


def change_object(objects: dict[Id, SimObject], place: Id, after: SimObject | None) -> None:
    """Put an object in its place; None removes it."""
    if after is None:
        objects.pop(place, None)
    else:
        objects[place] = after


def _by_kind(objects: Mapping[Id, SimObject]) -> dict[str, dict[Id, SimObject]]:
    kinds: dict[str, dict[Id, SimObject]] = {}
    for place, subject in objects.items():
        kinds.setdefault(place.key, {})[place] = subject
    return kinds


def defined_kind(crd: Obj) -> str:
    """The `Kind.key` of the type a CRD defines."""
    return f"{(crd.spec.get('names') or {}).get('kind', '')}.{crd.spec.get('group', '')}"


def _kind_of_crd(crd: Obj) -> Kind:
    names, versions = crd.spec["names"], crd.spec.get("versions") or [{"name": "v1"}]
    scope = crd.spec.get("scope", "Namespaced")
    return Kind(str(crd.spec["group"]), versions[0]["name"], names["kind"], names["plural"], scope == "Namespaced")
