"""One object as the model sees it: what controllers decide on, hashable, and the object it was read from."""

from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from ks_reset.model import Kind, Obj, group_of

WIPED = "spec/none"
SPEC = "spec/"


class Id(NamedTuple):
    """Where an object is: the cluster's identity, `Kind.key`, namespace and name. Not which one: that is its UID."""

    cluster: str
    key: str
    namespace: str
    name: str

    @property
    def title(self) -> str:
        where = f"{self.namespace}/" if self.namespace else ""
        return f"{self.key} {where}{self.name}"


class OwnerRef(NamedTuple):
    """One ownerReference; `blocks` is its blockOwnerDeletion."""

    key: str
    name: str
    uid: str
    blocks: bool


@dataclass(frozen=True, slots=True)
class SimObject:
    """`finalizers` of a Namespace also hold its spec.finalizers: `spec/<name>`, or `spec/none` if they were wiped.

    `replicas` is -1 where there is no such field. `obj` is the object as read, for what never changes here.
    """

    id: Id
    uid: str
    owners: tuple[OwnerRef, ...]
    finalizers: tuple[str, ...]
    labels: tuple[tuple[str, str], ...]
    deleting: bool
    replicas: int
    obj: Obj = field(compare=False, repr=False)
    digest: int = field(default=0, compare=False, repr=False)

    def __post_init__(self) -> None:
        rest = (self.id, self.uid, self.owners, self.finalizers, self.labels, self.deleting, self.replicas)
        object.__setattr__(self, "digest", hash(rest))

    def __hash__(self) -> int:
        return self.digest

    @property
    def kind(self) -> Kind:
        return self.obj.kind

    def label(self, key: str) -> str | None:
        return next((value for name, value in self.labels if name == key), None)

    def but(self, **changes: Any) -> "SimObject":
        """The same thing with other values."""
        return replace(self, **changes)

    def without_label(self, key: str) -> "SimObject":
        return self.but(labels=tuple(pair for pair in self.labels if pair[0] != key))

    def with_label(self, key: str, value: str) -> "SimObject":
        return self.but(labels=tuple(sorted({**dict(self.labels), key: value}.items())))

    def without_finalizer(self, *names: str) -> "SimObject":
        return self.but(finalizers=tuple(f for f in self.finalizers if f not in names))

    def without_owners(self, *uids: str) -> "SimObject":
        return self.but(owners=tuple(tie for tie in self.owners if tie.uid not in uids))


def thing(cluster: str, obj: Obj) -> SimObject:
    """The thing of an object as read."""
    replicas = obj.spec.get("replicas", 1) if obj.kind.key == "Deployment.apps" else -1
    return SimObject(
        Id(cluster, obj.kind.key, obj.namespace, obj.name),
        obj.uid,
        tuple(tie(reference) for reference in obj.meta.get("ownerReferences") or []),
        (*obj.finalizers, *_of_namespace(obj)),
        tuple(sorted(obj.labels.items())),
        obj.deleting,
        int(replicas),
        obj,
    )


def tie(reference: dict[str, Any]) -> OwnerRef:
    """One ownerReference as the model sees it."""
    group = group_of(reference["apiVersion"])
    key = f"{reference['kind']}.{group}" if group else str(reference["kind"])
    return OwnerRef(key, reference["name"], reference["uid"], bool(reference.get("blockOwnerDeletion")))


def _of_namespace(obj: Obj) -> tuple[str, ...]:
    """A namespace without `spec` as read (a case in short form) has what Kubernetes gives it."""
    if obj.kind.key != "Namespace":
        return ()
    held = obj.spec.get("finalizers", ["kubernetes"] if "finalizers" not in obj.spec else [])
    if obj.body.get("spec") == {}:  # the API server leaves the field out once it is empty
        held = []
    return tuple(f"{SPEC}{name}" for name in held or []) or (WIPED,)
