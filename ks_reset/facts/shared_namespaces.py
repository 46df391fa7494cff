"""What goes of the namespaces that KubeSphere shares with others: the whole namespace, or its proven objects alone."""

from msgspec import Struct

from ks_reset import catalogue
from ks_reset.catalogue.names import (
    CRD_KEY,
    ENDPOINTS_KEY,
    NAMESPACE_KEY,
    PERSISTENT_VOLUME_CLAIM_KEY,
    SECRET_KEY,
    SERVICE_ACCOUNT_KEY,
    SERVICE_ACCOUNT_NAME_ANNOTATION,
    SERVICE_KEY,
    WORKSPACE_LABEL,
)
from ks_reset.facts.contents import Accounts, Whose
from ks_reset.facts.given_up import is_given_up
from ks_reset.facts.istio import OPERATOR_KEY
from ks_reset.facts.kept import Kept
from ks_reset.facts.shared_components import SYSTEM_WORKSPACE, SharedComponents
from ks_reset.facts.shared_programs import shared_programs
from ks_reset.model import ClusterFacts, Obj, Request


class Proven(Struct, frozen=True):
    """An object of a component in a shared namespace, its proof, and the workload by which the component is known."""

    obj: Obj
    why: str
    anchor: Obj


class SharedNamespaces:
    """The shared namespaces of one cluster with a proven component that no flag keeps.

    `going` hold nothing but that component, objects made by controllers, and those given up by flags. `unknown` has
    everything else, by the name of the namespace kept because of it.
    """

    def __init__(self, cluster: ClusterFacts, request: Request) -> None:
        self._cluster, self._components = cluster, SharedComponents(cluster)
        self._kept = Kept(cluster, request).namespaces
        self._request, self._only = request, frozenset(request.only)
        homes = (home for home in self._components.homes if home not in self._kept)
        self._homes = tuple(home for home in homes if not self._only or _component_of(home) in self._only)
        self._by_uid = {obj.uid: obj for obj in cluster.all() if obj.uid} if self._homes else {}
        foreign = _foreign_objects(cluster, self._homes, request) if self._homes else {}
        self.unknown = {home: objects for home, objects in foreign.items() if objects}
        self.going = tuple(home for home in self._homes if home not in self.unknown)

    @property
    def homes(self) -> tuple[str, ...]:
        """The shared namespaces with a proven component that goes."""
        return self._homes

    def proven(self) -> tuple[Proven, ...]:
        """The proven objects, cluster-wide ones first; the anchors follow, since the other proofs rest on them."""
        objects = (obj for obj in self._components.named_objects() if self._components.home_of(obj) in self._homes)
        proven = [
            Proven(obj, why, anchor)
            for obj in objects
            if (why := self._components.proof(obj)) and (anchor := self._components.anchor_of(obj))
        ]
        return tuple(sorted(proven, key=_rank))

    def types(self) -> tuple[Obj, ...]:
        """The types that the components brought; they stay, since other installations of a project use them too."""
        named = self._components.named_objects()
        crds = (obj for obj in named if obj.kind.key == CRD_KEY and self._components.home_of(obj) in self._homes)
        return tuple(crd for crd in crds if not catalogue.is_own_group(str(crd.spec.get("group", ""))))

    def goes(self, obj: Obj, seen: frozenset[str] = frozenset()) -> bool:
        """Whether an object goes with a component: it is proven, follows from a proven one, or its namespace goes.

        `seen` are the UIDs of what follows from it: an object whose owners lead back to it does not go.
        """
        if shared_programs(self._cluster).goes(obj, self._request):
            return True
        if not self._homes or obj.uid in seen:
            return False
        home = obj.namespace or self._components.home_of(obj)
        if obj.namespace in self.going or (home in self._homes and self._components.proof(obj)):
            return True
        if obj.namespace not in self._homes:
            return False
        owners, seen = [self._by_uid.get(owner.uid) for owner in obj.owners], seen | {obj.uid}
        if owners:
            return all(owner is not None and self.goes(owner, seen) for owner in owners)
        return any(self.goes(source, seen) for source in self._sources(obj))

    def is_proven_by_label(self, namespace: Obj) -> bool:
        """Whether the Workspace's label of a namespace is part of the proof for a component that would go with it."""
        return _is_labelled(namespace) and namespace.name in self.going

    def unproven(self) -> list[Obj]:
        """The namespaces with the label and with names of a component that nothing proves to be KubeSphere's."""
        named = {obj.namespace for obj in self._components.named_objects()} - {*self._components.homes, *self._kept}
        labelled = [n for n in self._cluster.of(NAMESPACE_KEY) if n.name in named and _is_labelled(n)]
        return [n for n in labelled if not self._only or _component_of(n.name) in self._only]

    def unproven_outside(self) -> list[Obj]:
        """The cluster-wide objects with names of such a component, except types: its program is gone, or another's."""
        homes = {namespace.name for namespace in self.unproven()}
        named = (obj for obj in self._components.named_objects() if self._components.home_of(obj) in homes)
        return [obj for obj in named if not obj.namespace and obj.kind.key not in (CRD_KEY, NAMESPACE_KEY)]

    def _sources(self, obj: Obj) -> list[Obj]:
        """The object without an owner reference from which a controller makes this one (kubernetes v1.24.17)."""
        account = obj.annotations.get(SERVICE_ACCOUNT_NAME_ANNOTATION, "")
        of = {ENDPOINTS_KEY: (SERVICE_KEY, obj.name), SECRET_KEY: (SERVICE_ACCOUNT_KEY, account)}.get(obj.kind.key)
        source = self._cluster.get(*of, obj.namespace) if of else None
        return [source] if source else []


def _component_of(home: str) -> str:
    entry = catalogue.shared_namespace(home)
    return entry.component if entry else ""


def _is_labelled(namespace: Obj) -> bool:
    entry = catalogue.shared_namespace(namespace.name)
    return bool(entry and entry.labelled and namespace.labels.get(WORKSPACE_LABEL) == SYSTEM_WORKSPACE)


def _foreign_objects(cluster: ClusterFacts, homes: tuple[str, ...], request: Request) -> dict[str, list[Obj]]:
    """By namespace, the claims and the objects of unknown origin that no flag gives up."""
    accounts = Accounts(cluster)
    foreign: dict[str, list[Obj]] = {home: [] for home in homes}
    for obj in (obj for obj in cluster.all() if obj.namespace in foreign):
        claim = obj.kind.key == PERSISTENT_VOLUME_CLAIM_KEY
        if (claim or accounts.of(obj).whose is Whose.UNKNOWN) and not is_given_up(obj, request):
            foreign[obj.namespace].append(obj)
    return foreign


def _rank(proven: Proven) -> int:
    """Cluster-wide objects, then those inside, then the anchors, then the records of helm and istioctl."""
    if proven.obj.kind.key == OPERATOR_KEY:
        return 3
    if proven.obj.kind.key == SECRET_KEY and proven.obj.labels.get("owner") == "helm":
        return 3
    return 2 if proven.obj.uid == proven.anchor.uid else 1 if proven.obj.namespace else 0
