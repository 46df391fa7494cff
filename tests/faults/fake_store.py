"""The objects of one cluster as a fake API server keeps them: versions, finalizers, preconditions, and deletions.

The garbage collector, the namespace controller and the CRD finalizer have done their work before the next request.
KubeSphere's controllers and kubefed are not here: kubefed holds its lock while it has replicas, and does nothing else.
"""

from threading import RLock
from typing import Any

from msgspec.structs import replace

from ks_reset.catalogue.names import NAMESPACE_KIND
from ks_reset.model import Body, ClusterFacts, Kind
from tests.faults.fake_patches import json_patched, merge_patched

Place = tuple[str, str, str]
"""`Kind.key`, namespace and name."""
CRD, NAMESPACE, DEPLOYMENT = "CustomResourceDefinition.apiextensions.k8s.io", "Namespace", "Deployment.apps"
LINGERING = (CRD, NAMESPACE, "Pod")
"""What answers a deletion with the object: it has a finalizer of its own, or a grace period."""
NOW = "2026-01-01T00:00:00Z"


class Failure(Exception):
    """An answer that is a Status of failure, about an object if it has a kind and a name."""

    def __init__(self, code: int, reason: str, message: str, kind: Kind | None = None, name: str = "") -> None:
        super().__init__(message)
        self.code, self.reason = code, reason
        about = {"name": name, "group": kind.group, "kind": kind.plural} if kind else {}
        self.details = {key: value for key, value in about.items() if value}


class FakeStore:
    """`copy` and `restore` take and give back all of it; `lock` is held during a request."""

    def __init__(self, world: ClusterFacts) -> None:
        self.identity = world.identity
        self.kinds = {kind.key: kind for kind in world.kinds.values()}
        self.objects: dict[Place, Body] = {}
        self.count, self.lock = 0, RLock()
        for obj in world.all():
            self.put(obj.kind, {"metadata": {}, **obj.body})
        self.first = {body["metadata"]["uid"] for body in self.objects.values()}

    def copy(self) -> tuple[dict[str, Kind], dict[Place, Body], int]:
        return dict(self.kinds), dict(self.objects), self.count

    def restore(self, kept: tuple[dict[str, Kind], dict[Place, Body], int]) -> None:
        with self.lock:
            self.kinds, self.objects, self.count = dict(kept[0]), dict(kept[1]), kept[2]

    def dump(self) -> dict[Place, Body]:
        """All objects without versions; the UID of an object made later is `new`."""
        shown: dict[Place, Body] = {}
        for place, body in self.objects.items():
            meta = {k: v for k, v in body["metadata"].items() if k != "resourceVersion"}
            shown[place] = {**body, "metadata": meta | {"uid": meta["uid"] if meta["uid"] in self.first else "new"}}
        return shown

    def put(self, kind: Kind, body: Body) -> Body:
        """FakeStore a body in a new version, as it is answered."""
        self.count += 1
        meta = body["metadata"]
        if kind.key == NAMESPACE:
            labels = {**(meta.get("labels") or {}), "kubernetes.io/metadata.name": meta["name"]}
            meta = {**meta, "labels": labels}
        meta = {"uid": f"made-{self.count}", **meta, "resourceVersion": str(self.count)}
        stored = {**body, "apiVersion": kind.api_version, "kind": kind.kind, "metadata": meta}
        self.objects[kind.key, meta.get("namespace", ""), meta["name"]] = stored
        if kind.key == CRD:
            self._serve(stored)
        return stored

    def get(self, kind: Kind, namespace: str, name: str) -> Body:
        found = self.objects.get((kind.key, namespace, name))
        if found is None:
            raise Failure(404, "NotFound", f'{kind.plural} "{name}" not found', kind, name)
        return found

    def create(self, kind: Kind, namespace: str, body: Body) -> Body:
        meta = {k: v for k, v in body["metadata"].items() if k not in ("uid", "resourceVersion", "deletionTimestamp")}
        meta |= {"namespace": namespace} if namespace else {}
        if (kind.key, namespace, meta["name"]) in self.objects:
            text = f'{kind.plural} "{meta["name"]}" already exists'
            raise Failure(409, "AlreadyExists", text, kind, meta["name"])
        if namespace and (NAMESPACE, "", namespace) not in self.objects:
            raise Failure(404, "NotFound", f'namespaces "{namespace}" not found', NAMESPACE_KIND, namespace)
        return self._settled(kind, self.put(kind, {**body, "metadata": meta}))

    def replace(self, kind: Kind, namespace: str, name: str, body: Body) -> Body:
        now = self.get(kind, namespace, name)["metadata"]
        if body["metadata"].get("resourceVersion", now["resourceVersion"]) != now["resourceVersion"]:
            raise Failure(409, "Conflict", "the object has been modified", kind, name)
        return self._settled(kind, self.put(kind, {**body, "metadata": {**body["metadata"], "uid": now["uid"]}}))

    def patch(self, kind: Kind, namespace: str, name: str, change: Any, content_type: str) -> Body:
        now = self.get(kind, namespace, name)
        patched = json_patched(now, change) if "json-patch" in content_type else merge_patched(now, change)
        if patched is None:
            raise Failure(422, "Invalid", "the server rejected our request due to an error in our request")
        return self._settled(kind, self.put(kind, patched))

    def delete(self, kind: Kind, namespace: str, name: str, options: Body, dry: bool) -> Body:
        """The answer; a dry run changes nothing."""
        body = self.get(kind, namespace, name)
        for field, value in (options.get("preconditions") or {}).items():
            if body["metadata"][field] != value:
                raise Failure(409, "Conflict", f"Precondition failed: {field}", replace(kind, plural=kind.kind), name)
        at_once = not (kind.key in LINGERING or body["metadata"].get("finalizers"))
        if dry:
            return _gone(kind, body) if at_once else body
        if not body["metadata"].get("deletionTimestamp"):
            body = self.put(kind, {**body, "metadata": {**body["metadata"], "deletionTimestamp": NOW}})
        left = self._settled(kind, body)
        return _gone(kind, body) if at_once else left

    def _settled(self, kind: Kind, body: Body) -> Body:
        """The body of a request after the controllers of Kubernetes have done their work."""
        meta = body["metadata"]
        while any([self._finish(place) for place in list(self.objects) if place in self.objects]):
            pass
        return self.objects.get((kind.key, meta.get("namespace", ""), meta["name"]), body)

    def _finish(self, place: Place) -> bool:
        """Take one object the next step to its end; whether something changed."""
        body = self.objects[place]
        meta = body["metadata"]
        if not meta.get("deletionTimestamp"):
            return self._is_orphan(meta) and self._begin_end(place)
        inside = self._inside(place, body)
        if any([self._begin_end(each) for each in inside]):
            return True
        if inside or meta.get("finalizers"):
            return False
        del self.objects[place]
        if place[0] == CRD:
            self.kinds = {key: each for key, each in self.kinds.items() if key != _defined(body).key}
        return True

    def _begin_end(self, place: Place) -> bool:
        body = self.objects[place]
        if body["metadata"].get("deletionTimestamp"):
            return False
        self.put(self.kinds[place[0]], {**body, "metadata": {**body["metadata"], "deletionTimestamp": NOW}})
        return True

    def _inside(self, place: Place, body: Body) -> list[Place]:
        """The content of a namespace, the objects of a type."""
        if place[0] == NAMESPACE:
            return [each for each in self.objects if each[1] == place[2]]
        return [each for each in self.objects if each[0] == _defined(body).key] if place[0] == CRD else []

    def _is_orphan(self, meta: Body) -> bool:
        """Whether all owners are gone, each of a type that is served."""
        owners = meta.get("ownerReferences") or []
        living = {body["metadata"]["uid"] for body in self.objects.values()}
        served = {(kind.api_version, kind.kind) for kind in self.kinds.values()}
        return bool(owners) and all((o["apiVersion"], o["kind"]) in served and o["uid"] not in living for o in owners)

    def _serve(self, crd: Body) -> None:
        self.kinds.setdefault(_defined(crd).key, _defined(crd))


def _gone(kind: Kind, body: Body) -> Body:
    """The answer to a deletion after which the object is gone."""
    details = {"name": body["metadata"]["name"], "group": kind.group, "kind": kind.plural}
    details = {key: value for key, value in details.items() if value} | {"uid": body["metadata"]["uid"]}
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}


def _defined(crd: Body) -> Kind:
    spec = crd["spec"]
    versions = spec.get("versions") or [{"name": "v1alpha1"}]
    names = spec["names"]
    return Kind(spec["group"], versions[0]["name"], names["kind"], names["plural"], spec["scope"] == "Namespaced")
