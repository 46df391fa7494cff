"""An API server in memory with a watch and a journal: it counts requests, and others may change objects in between."""

from collections import Counter
from collections.abc import Callable, Sequence
from threading import RLock
from types import SimpleNamespace
from typing import Any

from ks_reset.apply.context import Progress, RunContext
from ks_reset.cluster.transport import NotFound
from ks_reset.errors import Conflict
from ks_reset.guards import GuardContext
from ks_reset.model import Body, ClusterFacts, Delete, FleetFacts, Kind, Target
from tests.build import Rows, facts


class MemoryCluster:
    """Objects with versions. `before` is called before each write, with its verb and name; it may change objects."""

    context = "host"

    def __init__(self, world: ClusterFacts) -> None:
        self.objects = {(o.kind.key, o.namespace, o.name): o.body for o in world.all()}
        self.asked, self.lock = Counter[str](), RLock()
        self.before: Callable[[str, str], None] = lambda *_: None

    def get(self, kind: Kind, name: str, namespace: str = "") -> Body | None:
        self.asked["get"] += 1
        return self.objects.get((kind.key, namespace, name))

    def list(self, kind: Kind, *_: str, **__: object) -> list[Body]:
        self.asked["list"] += 1
        return [body for (key, _, _), body in self.objects.items() if key == kind.key]

    def json_patch(self, kind: Kind, name: str, namespace: str, operations: Sequence[Body]) -> Body:
        self.before("patch", name)
        with self.lock:
            self.asked["patch"] += 1
            now = self._find(kind, namespace, name)
            for each in operations:
                now = self._after_operation(now, each)
            return self.store(kind, now)

    def merge_patch(self, kind: Kind, name: str, namespace: str, patch: Body) -> Body:
        self.before("merge", name)
        with self.lock:
            self.asked["merge"] += 1
            meta = self._find(kind, namespace, name)["metadata"]
            if patch["metadata"].get("resourceVersion", meta["resourceVersion"]) != meta["resourceVersion"]:
                raise Conflict("another version")
            return self.change(kind, name, namespace)

    def delete(self, kind: Kind, name: str, namespace: str = "", uid: str = "", version: str = "") -> Body:
        self.before("delete", name)
        with self.lock:
            self.asked["delete"] += 1
            meta = self._find(kind, namespace, name)["metadata"]
            if uid not in ("", meta["uid"]) or version not in ("", meta["resourceVersion"]):
                raise Conflict("another version")
            if meta.get("finalizers"):
                return self.change(kind, name, namespace, deletionTimestamp="now")
            del self.objects[kind.key, namespace, name]
            return {"kind": "Status", "status": "Success", "details": {"uid": meta["uid"]}}

    def change(self, kind: Kind, name: str, namespace: str = "", **fields: Any) -> Body:
        """The object with other metadata, stored in a new version."""
        body = self._find(kind, namespace, name)
        return self.store(kind, {**body, "metadata": body["metadata"] | fields})

    def store(self, kind: Kind, body: Body) -> Body:
        meta = body["metadata"]
        stored = {**body, "metadata": meta | {"resourceVersion": f"{meta['resourceVersion']}+"}}
        self.objects[kind.key, meta.get("namespace", ""), meta["name"]] = stored
        return stored

    def _find(self, kind: Kind, namespace: str, name: str) -> Body:
        found = self.objects.get((kind.key, namespace, name))
        if found is None:
            raise NotFound(name)
        return found

    @staticmethod
    def _after_operation(body: Body, operation: Body) -> Body:
        """The body after a test or a removal below its metadata."""
        field, *keys = [k.replace("~1", "/") for k in operation["path"].split("/")[2:]]
        meta = dict(body["metadata"])
        container = meta.get(field)
        if operation["op"] == "test":
            found = container if not keys else _entry(container, keys[0])
            if found != operation["value"]:
                raise Conflict(f"422: {operation['path']}")
            return body
        assert operation["op"] == "remove"
        meta[field] = _without(container, keys[0])
        return {**body, "metadata": meta}


def _entry(container: Any, key: str) -> Any:
    if isinstance(container, list):
        return container[int(key)] if int(key) < len(container) else None
    return (container or {}).get(key)


def _without(container: Any, key: str) -> Any:
    if isinstance(container, list):
        return [entry for index, entry in enumerate(container) if index != int(key)]
    return {k: value for k, value in container.items() if k != key}


class Watching:
    """A watch whose looks are counted; `age` is what each asked for. `context` may be replaced by another one."""

    def __init__(self, world: ClusterFacts) -> None:
        self.context = GuardContext(world, world.identity, frozenset(), (), True, "me", "me")
        self.ages, self.released = list[float](), list[str]()
        self.before: Callable[[], None] = lambda: None

    def guard_context(self, _: object, __: ClusterFacts, ___: tuple[str, ...], age: float = 0.0) -> GuardContext:
        self.before()
        self.ages.append(age)
        return self.context

    def restarted_controllers(self, *_: object, **__: object) -> tuple[str, ...]:
        return ()

    def check_cluster(self, *_: object, **__: object) -> None:
        return

    def release_object(self, deletion: Delete) -> None:
        self.released.append(deletion.name)


class ListedJournal:
    """Keeps each line as `event name`; `syncs` has how many lines each sync had."""

    def __init__(self) -> None:
        self.lines, self.syncs = list[str](), list[int]()

    def begin_action(self, action: Target, before: Body) -> None:
        self.begin_actions([(action, before)])

    def begin_actions(self, begun: Sequence[tuple[Target, Body]]) -> None:
        self._write([f"begin {action.name}" for action, _ in begun])

    def end_action(self, action: Target, outcome: str) -> None:
        self.end_actions([action], outcome)

    def end_actions(self, ended: Sequence[Target], outcome: str) -> None:
        self._write([f"end {action.name}" for action in ended])

    def note_answers(self, answers: Sequence[tuple[Target, str, str]]) -> None:
        self._write([f"{event} {action.name}" for action, event, _ in answers])

    def _write(self, lines: list[str]) -> None:
        self.lines += lines
        self.syncs += [len(lines)] if lines else []


class Running:
    """A run on one host with these objects, and all that it is made of."""

    def __init__(self, rows: Rows | FleetFacts, parallelism: int = 8) -> None:
        self.known = rows if isinstance(rows, FleetFacts) else facts(rows)
        for obj in self.known.host.all():
            obj.meta.setdefault("resourceVersion", "1")
        host = self.known.host
        self.cluster, self.eyes, self.journal = MemoryCluster(host), Watching(host), ListedJournal()
        fleet: Any = SimpleNamespace(cluster=lambda _: self.cluster)
        plan: Any = SimpleNamespace(actions=())
        journal: Any = self.journal
        eyes: Any = {host.identity: self.eyes}
        told = Progress(*[lambda *_: None] * 4)
        self.run = RunContext(fleet, plan, plan, journal, told, 1.0, self.known, eyes, parallelism=parallelism)
