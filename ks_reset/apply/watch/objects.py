"""Watch objects during a run. The deletion or recreation of a protected namespace stops the run."""

import time
from collections.abc import Iterable, Mapping

from ks_reset.catalogue.names import CANARY_LABEL, KUBE_SYSTEM_NAMESPACE, NAMESPACE_KIND
from ks_reset.catalogue.ownership import is_users
from ks_reset.cluster import Client
from ks_reset.errors import Refused
from ks_reset.model import Body, ClusterFacts, Kind, Obj
from ks_reset.simulation import State, explain_loss

AGE = 1.0


class StabilityLost(Refused):
    """Raised when a watched object is deleted or recreated; the run stops and applies its fallback playbook.

    `obj` is the object as it was last seen, and `cluster` the identity of its cluster.
    """

    def __init__(self, message: str, cluster: str = "", obj: Obj | None = None) -> None:
        super().__init__(message)
        self.cluster, self.obj = cluster, obj


class ObjectWatch:
    """Checks namespaces and held objects of one cluster, at most once a second.

    `namespaces` and `identity` are from the last answer of the cluster.
    """

    def __init__(self, cluster: Client, world: ClusterFacts, state: State) -> None:
        self._cluster, self._world, self._state = cluster, world, state
        self._watched: dict[str, str] = {}
        self._released: set[str] = set()
        self._held: dict[Kind, dict[tuple[str, str], Obj]] = {}
        self._looked = float("-inf")
        self.namespaces: tuple[Obj, ...] = ()
        self.identity = ""

    def begin_watch(self) -> None:
        """From now on every protected namespace must keep its UID, except those being deleted already.

        Objects watched before stay watched: raises StabilityLost for a namespace lost since.
        """
        self.check_objects(age=0)
        kept = (o for o in self.namespaces if is_users(o, self._world) and not o.deleting)
        self.watch_namespaces({namespace.name: namespace.uid for namespace in kept} | self._watched)

    def watch_namespaces(self, uids: Mapping[str, str]) -> None:
        """From now on the namespaces of these names must have these UIDs, except those released."""
        self._watched |= {name: uid for name, uid in uids.items() if name not in self._released}

    @property
    def watched(self) -> dict[str, str]:
        """The UIDs of the watched namespaces, by name."""
        return dict(self._watched)

    def hold_objects(self, objs: Iterable[Obj]) -> None:
        """From now on each of these objects must keep its UID, until `release_object`."""
        for obj in objs:
            self._held.setdefault(obj.kind, {}).setdefault((obj.namespace, obj.name), obj)
        self._check_held()

    def release_object(self, kind: Kind, name: str) -> None:
        """Stop watching an object before ks-reset deletes it, or lets it go, and everything inside it."""
        self._held.get(kind, {}).pop(("", name), None)
        if kind == NAMESPACE_KIND:
            self._released.add(name)
            self._watched.pop(name, None)
            for held in self._held.values():
                for key in [key for key in held if key[0] == name]:
                    held.pop(key)

    def check_objects(self, age: float = AGE) -> None:
        """Raises StabilityLost for an object deleted, being deleted or recreated; with the chain of causes if known."""
        if time.monotonic() - self._looked < age:
            return
        namespaces = {body["metadata"]["name"]: body for body in self._cluster.list(NAMESPACE_KIND)}
        self._looked = time.monotonic()
        self.namespaces = tuple(Obj(NAMESPACE_KIND, body) for body in namespaces.values())
        self.identity = str(namespaces.get(KUBE_SYSTEM_NAMESPACE, {}).get("metadata", {}).get("uid", ""))
        for name, uid in self._watched.items():
            if damage := _damage_of(namespaces.get(name), uid):
                raise StabilityLost(
                    f"Namespace {name} of {self._world.name} {damage}, which is not in the plan. The run stopped at "
                    "once; the journal has every write: ks-reset runs show. What is wrong: ks-reset doctor. "
                    f"{explain_loss(self._state, self._world.identity, name)}"
                )
        self._check_held()

    def _check_held(self) -> None:
        """Inside namespaces, only canaries are held."""
        for kind, held in self._held.items():
            labels = CANARY_LABEL if kind.namespaced else ""
            listed = self._cluster.list(kind, labels=labels, metadata_only=True) if held else []
            now = {_key_of(body): body for body in listed}
            for key, obj in held.items():
                if damage := _damage_of(now.get(key), obj.uid):
                    raise StabilityLost(f"{obj.title} of {self._world.name} {damage}.", self._world.identity, obj)


def _key_of(body: Body) -> tuple[str, str]:
    return body["metadata"].get("namespace", ""), body["metadata"]["name"]


def _damage_of(found: Body | None, uid: str) -> str:
    if found is None:
        return "is gone"
    if found["metadata"]["uid"] != uid:
        return f"was recreated (UID {uid} became {found['metadata']['uid']})"
    return "is being deleted" if found["metadata"].get("deletionTimestamp") else ""
