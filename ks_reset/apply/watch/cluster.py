"""The watch over one cluster during a run: namespaces, run lock, seatbelt and stopped controllers."""

import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import RLock

from ks_reset import facts as reading
from ks_reset import seatbelt
from ks_reset.apply.watch.look import Look, take_look
from ks_reset.apply.watch.objects import AGE, ObjectWatch
from ks_reset.apply.watch.run_lock import RunLock
from ks_reset.apply.worst import raise_worst
from ks_reset.catalogue.names import NAMESPACE_KEY, NAMESPACE_KIND
from ks_reset.cluster import Client
from ks_reset.errors import Refused, ResetError, Unknown
from ks_reset.facts.controllers import replica_count
from ks_reset.facts.inhabitants import content_keys, users_object_keys
from ks_reset.guards import GuardContext
from ks_reset.model import Action, AddMarks, ClusterFacts, Delete, Obj, Plan, RemoveMarks, WaitQuiet, group_of
from ks_reset.plan.again import words_again
from ks_reset.simulation import State


class ClusterWatch:
    """A context manager holding the run lock of the cluster. Entering raises Refused if another run holds it."""

    def __init__(self, cluster: Client, plan: Plan, holder: str, state: State, world: ClusterFacts) -> None:
        self._cluster = cluster
        self._objects, self._lock = ObjectWatch(cluster, world, state), RunLock(cluster, holder)
        mine = plan.by_cluster.get(world.identity, ())
        self._doomed, self._stopped = plan.doomed, [action for action in mine if isinstance(action, WaitQuiet)]
        self._of_plan = (plan.request, plan.material.joins, words_again(plan))
        self._asked = self._looked = float("-inf")
        self._mutex = RLock()
        self._running: tuple[str, ...] = ()
        self._last: Look | None = None
        self._belted = "fasten-seatbelt" in plan.steps
        self._open = seatbelt.is_on(world) or not self._belted

    def __enter__(self) -> "ClusterWatch":
        self._lock.take_lock()
        if self._open:
            self.begin_watch()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ResetError):  # an unreachable cluster keeps the lock until it runs out
            self._lock.release_lock()

    def begin_watch(self) -> None:
        """Watch the protected namespaces from now on: before the seatbelt is on, an incident may still delete some.

        Raises StabilityLost for one watched before, and lost since.
        """
        with self._mutex:
            self._objects.begin_watch()
            self._open = True

    @property
    def watched(self) -> dict[str, str]:
        """The UIDs of the protected namespaces under watch, by name; none before the watch begins."""
        return self._objects.watched

    def resume_watch(self, namespaces: Mapping[str, str]) -> None:
        """Watch the namespaces of an earlier run of the plan, by name and UID, unless the plan deletes them.

        Raises StabilityLost for one lost since.
        """
        if not namespaces:
            return
        with self._mutex:
            self._objects.watch_namespaces({n: uid for n, uid in namespaces.items() if uid not in self._doomed})
            self._objects.check_objects(age=0)

    def let_go(self, namespaces: Iterable[str]) -> None:
        """Stop watching these namespaces, whose loss the plan accepts, and everything inside them."""
        with self._mutex:
            for name in namespaces:
                self._objects.release_object(NAMESPACE_KIND, name)

    def hold_objects(self, objs: Iterable[Obj]) -> None:
        """From now on each of these objects must keep its UID."""
        with self._mutex:
            self._objects.hold_objects(objs)

    def release_object(self, action: Delete) -> None:
        """Stop watching the object of this deletion, and everything inside it."""
        with self._mutex:
            self._objects.release_object(action.kind, action.name)

    def check_cluster(self, age: float = 0.0, *, wait: bool = True) -> None:
        """Renew the run lock if due and check the watched objects, unless that was done `age` seconds ago.

        Without `wait`, return at once if another thread is checking. Raises Refused if another run holds the lock,
        StabilityLost if a watched object was deleted or recreated.
        """
        if not self._mutex.acquire(blocking=wait):
            return
        try:
            if time.monotonic() - self._looked >= age:
                self._check_lock_and_objects(age)
                self._looked = time.monotonic()
        finally:
            self._mutex.release()

    def _check_lock_and_objects(self, age: float) -> None:
        """Both in any case: a loss is not hidden by a lock that another run holds or an answer that failed."""
        errors: list[ResetError] = []
        look = partial(self._objects.check_objects, min(age, AGE))
        for check in (self._check_lock, look) if self._open else (self._check_lock,):
            try:
                check()
            except ResetError as error:
                errors.append(error)
        raise_worst(errors)

    def _check_lock(self) -> None:
        if (holder := self._lock.keep_lock()) != self._lock.holder:
            raise Refused(
                f"The lock of {self._cluster.context} (Lease kube-system/ks-reset) is held by {holder or 'nobody'} "
                f"now, not by this run, {self._lock.holder}. The run stopped. Let the other run end, "
                "then run the same command again."
            )

    def restarted_controllers(self, age: float = 0.0) -> tuple[str, ...]:
        """The controllers stopped by the plan with replicas again, as read at most `age` seconds ago."""
        with self._mutex:
            if time.monotonic() - self._asked > age:
                with ThreadPoolExecutor(max(1, len(self._stopped))) as pool:
                    bodies = pool.map(lambda a: self._cluster.get(a.kind, a.name, a.namespace), self._stopped)
                    pairs = zip(self._stopped, bodies, strict=True)
                    self._running = tuple(a.target for a, body in pairs if body and replica_count(Obj(a.kind, body)))
                self._asked = time.monotonic()
            return self._running

    def forget_controllers(self) -> None:
        """Read them again next time: they were proven quiet, and what was read may be of the moment before the stop."""
        with self._mutex:
            self._asked = float("-inf")

    def guard_context(
        self, action: Action, world: ClusterFacts, restarted: tuple[str, ...], age: float = 0.0
    ) -> GuardContext:
        """The facts of the step, with what the guards ask for as read at most `age` seconds ago.

        One thread reads, all others wait for it. Raises Unknown if that fails.
        """
        with self._mutex:
            look = self._last
            if look is None or not look.serves(world, self._asked_keys(action, world), age):
                self._last = None  # a look that fails leaves none
                self._objects.check_objects(age=0)
                look = self._last = self._take_look(look, world, self._asked_keys(action, world))
            return look.context_with(restarted)

    def _take_look(self, before: Look | None, world: ClusterFacts, keys: frozenset[str]) -> Look:
        fresh = reading.relist_types(self._cluster, world, keys)
        if fresh.gaps:
            raise Unknown(f"{fresh.gaps[0].what} of {world.name} could not be read: {fresh.gaps[0].why}.")
        now = fresh.with_types({NAMESPACE_KEY: self._objects.namespaces})
        belted = seatbelt.is_on(now) if self._belted else None
        holder, mine = self._lock.keep_lock(), self._lock.holder
        if holder == mine and self._open:
            self._looked = time.monotonic()  # lock and objects are checked
        about = (now, self._objects.identity, self._doomed, (), belted, holder, mine)
        return take_look(before, world, keys, GuardContext(*about, *self._of_plan))

    def _asked_keys(self, action: Action, world: ClusterFacts) -> frozenset[str]:
        """The types to read again for an action, by `Kind.key`."""
        references = action.marks.owners if isinstance(action, AddMarks) else ()
        owners = {f"{o['kind']}.{group_of(o['apiVersion'])}".rstrip(".") for o in references}
        return frozenset((*seatbelt.KINDS, *self._inside_keys(action, world), *owners))

    def _inside_keys(self, action: Action, world: ClusterFacts) -> Iterable[str]:
        """The types to read again of what is inside the namespace of an action, by `Kind.key`.

        For a deletion those of its contents; for marks off a namespace being deleted all: the action may end it.
        """
        dying = {namespace.name for namespace in self._objects.namespaces if namespace.deleting}
        if action.kind.key != NAMESPACE_KEY:
            return ()
        if isinstance(action, RemoveMarks) and action.name in dying:
            return [key for key in world.objects if key in world.kinds and world.kinds[key].namespaced]
        return dict.fromkeys((*users_object_keys(world), *content_keys(world))) if isinstance(action, Delete) else ()
