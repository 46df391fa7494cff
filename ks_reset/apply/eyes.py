"""The eyes on one cluster during a run: its namespaces, lock, seatbelt, and the controllers that were stopped."""

from contextlib import suppress

from msgspec import structs

from ks_reset import facts as reading
from ks_reset import protect
from ks_reset.apply.lease import Lease
from ks_reset.apply.sentry import Sentry
from ks_reset.cluster import Cluster
from ks_reset.errors import ResetError
from ks_reset.guards import Site
from ks_reset.model import Kind, Obj, Plan, Verb, World
from ks_reset.world import State


class Eyes:
    """Use as a context manager: the cluster's lock is held meanwhile; entering raises Refused if another run has it."""

    def __init__(self, cluster: Cluster, plan: Plan, holder: str, state: State, world: World) -> None:
        self._cluster = cluster
        self._sentry, self._lease = Sentry(cluster, world, state), Lease(cluster, holder)
        self._doomed = frozenset(a.uid for a in plan.actions if a.verb is Verb.DELETE)
        self._stopped = [a for a in plan.actions if a.verb is Verb.QUIET and a.cluster == world.identity]
        self._belted = "fasten-seatbelt" in plan.steps
        self._open = protect.denies(world) or not self._belted

    def __enter__(self) -> "Eyes":
        self._lease.take()
        if self._open:
            self.open()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ResetError):  # an unreachable cluster keeps the lock until it runs out
            self._lease.release()

    def open(self) -> None:
        """From now on nothing protected may be lost; before the seatbelt is on, a live incident may still go on."""
        self._sentry.arm()
        self._open = True

    def look(self) -> None:
        """The lock renewed if that is due, and the namespaces looked at. Raises Refused if one is in danger."""
        self._lease.keep()
        if self._open:
            self._sentry.look()

    def site(self, world: World) -> Site:
        """The facts of the step, with everything that guards rest on read afresh."""
        self._sentry.look()
        controllers = [obj for a in self._stopped if (obj := self._read(a.kind, a.name, a.namespace))]
        fresh = {"Namespace": self._sentry.namespaces, "Deployment.apps": tuple(controllers)}
        belted = protect.denies(reading.relist(self._cluster, world, protect.KINDS)) if self._belted else None
        stopped = frozenset((a.namespace, a.name) for a in self._stopped)
        now = structs.replace(world, objects=world.objects | fresh)
        return Site(now, self._sentry.identity, self._doomed, stopped, belted, self._lease.keep(), self._lease.holder)

    def _read(self, kind: Kind, name: str, namespace: str) -> Obj | None:
        body = self._cluster.get(kind, name, namespace)
        return Obj(kind, body) if body else None
