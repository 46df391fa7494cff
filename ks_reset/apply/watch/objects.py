"""Watches over what must not be lost during a run: a protected namespace that goes, or is made anew, stops it."""

import time
from collections.abc import Iterable

from ks_reset.catalogue.ownership import CANARY_LABEL, protected
from ks_reset.cluster import Client
from ks_reset.errors import Refused
from ks_reset.model import Body, ClusterFacts, Kind, Obj
from ks_reset.simulation import State, why_lost

NAMESPACE = Kind("", "v1", "Namespace", "namespaces", False)
AGE = 1.0


class StabilityLost(Refused):
    """Raised when a watched object is deleted or recreated; the run stops and applies its fallback playbook.

    `obj` is the object as it was last seen, and `cluster` the identity of its cluster.
    """

    def __init__(self, message: str, cluster: str = "", obj: Obj | None = None) -> None:
        super().__init__(message)
        self.cluster, self.obj = cluster, obj


class ObjectWatch:
    """Looks at the namespaces of one cluster, at most once a second, from when it is armed.

    `namespaces` and `identity` are the cluster's as they last answered.
    """

    def __init__(self, cluster: Client, world: ClusterFacts, state: State) -> None:
        self._cluster, self._world, self._state = cluster, world, state
        self._watched: dict[str, str] = {}
        self._held: dict[Kind, dict[tuple[str, str], Obj]] = {}
        self._looked = float("-inf")
        self.namespaces: tuple[Obj, ...] = ()
        self.identity = ""

    def begin_watch(self) -> None:
        """From now on every protected namespace that is not being deleted already has to stay."""
        self._watched = {}
        self.check_objects(age=0)
        kept = (o for o in self.namespaces if protected(o) and not o.deleting)
        self._watched = {namespace.name: namespace.uid for namespace in kept}

    def hold_objects(self, objs: Iterable[Obj]) -> None:
        """From now on each of these objects has to stay the one that it is, unless ks-reset lets go of it."""
        for obj in objs:
            self._held.setdefault(obj.kind, {}).setdefault((obj.namespace, obj.name), obj)
        self._check_held()

    def release_object(self, kind: Kind, name: str) -> None:
        """Let go of an object that ks-reset is about to delete, and of what is in it."""
        self._held.get(kind, {}).pop(("", name), None)
        for held in self._held.values():
            for key in [key for key in held if key[0] == name]:
                held.pop(key)

    def check_objects(self, age: float = AGE) -> None:
        """Raises Endangered if a namespace or what is held is gone, going, or made anew; with the chain if it can."""
        if time.monotonic() - self._looked < age:
            return
        found = {body["metadata"]["name"]: body for body in self._cluster.list(NAMESPACE)}
        self._looked = time.monotonic()
        self.namespaces = tuple(Obj(NAMESPACE, body) for body in found.values())
        self.identity = str(found.get("kube-system", {}).get("metadata", {}).get("uid", ""))
        for name, uid in self._watched.items():
            if what := _damage_of(found.get(name), uid):
                raise StabilityLost(
                    f"Namespace {name} of {self._world.name} {what}, and that is not in the plan. The run stopped at "
                    f"once; what was done is in the journal. {why_lost(self._state, self._world.identity, name)}"
                )
        self._check_held()

    def _check_held(self) -> None:
        """Of what is in a namespace, only canaries are held."""
        for kind, held in self._held.items():
            labels = CANARY_LABEL if kind.namespaced else ""
            listed = self._cluster.list(kind, labels=labels, metadata_only=True) if held else []
            now = {_key_of(body): body for body in listed}
            for key, obj in held.items():
                if what := _damage_of(now.get(key), obj.uid):
                    raise StabilityLost(f"{obj.title} of {self._world.name} {what}.", self._world.identity, obj)


def _key_of(body: Body) -> tuple[str, str]:
    return body["metadata"].get("namespace", ""), body["metadata"]["name"]


def _damage_of(found: Body | None, uid: str) -> str:
    if found is None:
        return "is gone"
    if found["metadata"]["uid"] != uid:
        return f"was made anew (UID {uid} became {found['metadata']['uid']})"
    return "is being deleted" if found["metadata"].get("deletionTimestamp") else ""
