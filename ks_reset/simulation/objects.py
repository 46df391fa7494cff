"""One object of the simulation: the fields controllers decide on, hashable, and the object as read."""

from functools import cached_property
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct, structs

from ks_reset.catalogue.names import DEPLOYMENT_KEY, NAMESPACE_KEY
from ks_reset.model import Body, Kind, Obj, group_of

WIPED = "spec/none"
SPEC = "spec/"


class Id(NamedTuple):
    """The coordinates of an object: the cluster's identity, `Kind.key`, namespace and name; not its UID."""

    cluster: str
    key: str
    namespace: str
    name: str

    @property
    def title(self) -> str:
        """`Kind.group namespace/name`."""
        prefix = f"{self.namespace}/" if self.namespace else ""
        return f"{self.key} {prefix}{self.name}"


class OwnerRef(NamedTuple):
    """One ownerReference; `key` is the `Kind.key` of the owner, `blocks` its blockOwnerDeletion."""

    key: str
    name: str
    uid: str
    blocks: bool


class SimObject(Struct, frozen=True, eq=False, dict=True):
    """`finalizers` of a Namespace include its spec.finalizers as `spec/<name>`, or `spec/none` if they were wiped.

    `replicas` is -1 for objects without that field. `obj` is the object as read, or as a controller has written it:
    `written` is then its spec and annotations as JSON, since `obj` itself is not compared.
    """

    id: Id
    uid: str
    owners: tuple[OwnerRef, ...]
    finalizers: tuple[str, ...]
    labels: tuple[tuple[str, str], ...]
    deleting: bool
    replicas: int
    obj: Obj
    written: str = ""

    def __hash__(self) -> int:
        return self.digest

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return isinstance(other, SimObject) and self.digest == other.digest and self._compared == other._compared

    def __ne__(self, other: object) -> bool:
        return not self == other  # Struct has one of its own, by identity

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__struct_fields__[:7])
        return f"SimObject({fields})"

    @cached_property
    def digest(self) -> int:
        """The hash of the compared fields."""
        return hash(self._compared)

    @property
    def _compared(self) -> tuple[object, ...]:
        about = self.id, self.uid, self.owners, self.finalizers, self.labels
        return *about, self.deleting, self.replicas, self.written

    @property
    def kind(self) -> Kind:
        return self.obj.kind

    def label_value(self, key: str) -> str | None:
        """The value of a label; None without it."""
        return next((value for name, value in self.labels if name == key), None)

    def with_fields(self, **changes: Any) -> "SimObject":
        """The same object with other values of these fields."""
        return structs.replace(self, **changes)

    def with_body(self, body: Body) -> "SimObject":
        """The same object with the spec, annotations and labels of this body, as a controller writes it."""
        obj = Obj(self.kind, body)
        written = msgspec.json.encode((obj.spec, obj.annotations), order="sorted").decode()
        return self.with_fields(obj=obj, written=written, labels=tuple(sorted(obj.labels.items())))

    def without_label(self, key: str) -> "SimObject":
        return self.with_fields(labels=tuple(pair for pair in self.labels if pair[0] != key))

    def with_label(self, key: str, value: str) -> "SimObject":
        return self.with_fields(labels=tuple(sorted({**dict(self.labels), key: value}.items())))

    def without_finalizer(self, *names: str) -> "SimObject":
        return self.with_fields(finalizers=tuple(f for f in self.finalizers if f not in names))

    def without_owners(self, *uids: str) -> "SimObject":
        """The same object without the ownerReferences to these UIDs."""
        return self.with_fields(owners=tuple(tie for tie in self.owners if tie.uid not in uids))


def to_sim_object(cluster: str, obj: Obj) -> SimObject:
    """An object as read, of the cluster with this identity, as the simulation's."""
    replicas = obj.spec.get("replicas", 1) if obj.kind.key == DEPLOYMENT_KEY else -1
    return SimObject(
        Id(cluster, obj.kind.key, obj.namespace, obj.name),
        obj.uid,
        tuple(to_owner_ref(reference) for reference in obj.meta.get("ownerReferences") or []),
        (*obj.finalizers, *_spec_finalizers(obj)),
        tuple(sorted(obj.labels.items())),
        obj.deleting,
        int(replicas),
        obj,
    )


def to_owner_ref(reference: dict[str, Any]) -> OwnerRef:
    """One entry of metadata.ownerReferences as an OwnerRef."""
    group = group_of(reference["apiVersion"])
    key = f"{reference['kind']}.{group}" if group else str(reference["kind"])
    return OwnerRef(key, reference["name"], reference["uid"], bool(reference.get("blockOwnerDeletion")))


def _spec_finalizers(obj: Obj) -> tuple[str, ...]:
    """The spec.finalizers of a Namespace; one without `spec` (a case in short form) has Kubernetes' default."""
    if obj.kind.key != NAMESPACE_KEY:
        return ()
    finalizers = obj.spec.get("finalizers", ["kubernetes"] if "finalizers" not in obj.spec else [])
    if obj.body.get("spec") == {}:  # the API server omits the field once it is empty
        finalizers = []
    return tuple(f"{SPEC}{name}" for name in finalizers or []) or (WIPED,)
