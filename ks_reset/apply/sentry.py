"""Watches over what must not be lost during a run: a protected namespace that goes, or is made anew, stops it."""

import time

from ks_reset.cluster import Cluster
from ks_reset.errors import Refused
from ks_reset.model import Body, Kind, Obj, World
from ks_reset.world import State, why_lost
from ks_reset.world.protected import protected

NAMESPACE = Kind("", "v1", "Namespace", "namespaces", False)
AGE = 1.0


class Sentry:
    """Looks at the namespaces of one cluster, at most once a second, from when it is armed.

    `namespaces` and `identity` are the cluster's as they last answered.
    """

    def __init__(self, cluster: Cluster, world: World, state: State) -> None:
        self._cluster, self._world, self._state = cluster, world, state
        self._watched: dict[str, str] = {}
        self._looked = float("-inf")
        self.namespaces: tuple[Obj, ...] = ()
        self.identity = ""

    def arm(self) -> None:
        """From now on every protected namespace that is not being deleted already has to stay."""
        self._watched = {}
        self.look(age=0)
        kept = (o for o in self.namespaces if protected(o) and not o.deleting)
        self._watched = {namespace.name: namespace.uid for namespace in kept}

    def look(self, age: float = AGE) -> None:
        """Raises Refused, with the chain that leads there, if a namespace is gone, going, or made anew."""
        if time.monotonic() - self._looked < age:
            return
        found = {body["metadata"]["name"]: body for body in self._cluster.list(NAMESPACE)}
        self._looked = time.monotonic()
        self.namespaces = tuple(Obj(NAMESPACE, body) for body in found.values())
        self.identity = str(found.get("kube-system", {}).get("metadata", {}).get("uid", ""))
        for name, uid in self._watched.items():
            if what := _hurt(found.get(name), uid):
                raise Refused(
                    f"Namespace {name} of {self._world.name} {what}, and that is not in the plan. The run stopped at "
                    f"once; what was done is in the journal. {why_lost(self._state, self._world.identity, name)}"
                )


def _hurt(found: Body | None, uid: str) -> str:
    if found is None:
        return "is gone"
    if found["metadata"]["uid"] != uid:
        return f"was made anew (UID {uid} became {found['metadata']['uid']})"
    return "is being deleted" if found["metadata"].get("deletionTimestamp") else ""
