"""API types, objects and their owners, as read."""

from functools import cached_property
from typing import Any
from urllib.parse import quote

from msgspec import Struct

Body = dict[str, Any]


class Kind(Struct, frozen=True, order=True, dict=True):
    """An API type as a cluster serves it."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool

    @cached_property
    def key(self) -> str:
        """`Kind.group` as kubectl writes it: `Namespace`, `Workspace.tenant.kubesphere.io`."""
        return f"{self.kind}.{self.group}" if self.group else self.kind

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def resource(self) -> str:
        """`plural.group`, the unambiguous name for kubectl."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def path(self, namespace: str = "", name: str = "") -> str:
        """The URL path of the collection, or of one object; each part is percent-encoded."""
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        middle = f"/namespaces/{_encoded(namespace)}" if self.namespaced and namespace else ""
        return f"{root}{middle}/{self.plural}" + (f"/{_encoded(name)}" if name else "")


class Owner(Struct, frozen=True, order=True):
    """One entry of `metadata.ownerReferences`."""

    group: str
    kind: str
    name: str
    uid: str


class Obj(Struct, frozen=True, dict=True, omit_defaults=True):
    """One object as read, with the type it was listed under.

    `content` are the digests of its content, with and without images, if the inventories have them for its name: they
    are of KubeSphere's public text. "" for any other content, and where the body is complete.
    """

    kind: Kind
    body: Body
    content: tuple[str, str] = ("", "")

    @cached_property
    def meta(self) -> Body:
        return self.body.get("metadata") or {}

    @cached_property
    def name(self) -> str:
        return str(self.meta.get("name", ""))

    @cached_property
    def namespace(self) -> str:
        return str(self.meta.get("namespace", ""))

    @cached_property
    def uid(self) -> str:
        return str(self.meta.get("uid", ""))

    @property
    def labels(self) -> dict[str, str]:
        return self.meta.get("labels") or {}

    @property
    def annotations(self) -> dict[str, str]:
        return self.meta.get("annotations") or {}

    @property
    def finalizers(self) -> list[str]:
        return self.meta.get("finalizers") or []

    @property
    def spec(self) -> Body:
        return self.body.get("spec") or {}

    @property
    def deleting(self) -> bool:
        return bool(self.meta.get("deletionTimestamp"))

    @cached_property
    def owners(self) -> tuple[Owner, ...]:
        refs = self.meta.get("ownerReferences") or []
        return tuple(Owner(group_of(r["apiVersion"]), r["kind"], r["name"], r["uid"]) for r in refs)

    @property
    def title(self) -> str:
        """`Kind.group namespace/name`, for a person."""
        where = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind.key} {where}{self.name}"


def _encoded(part: str) -> str:
    """One part of a path: `/`, `?`, `%` and a name of dots alone lead nowhere else."""
    return quote(part, safe=":@$!*'(),;=+&~") if part.strip(".") else part.replace(".", "%2E")


def group_of(api_version: str) -> str:
    """`apps/v1` → `apps`, `v1` → the core group, written as an empty string."""
    return api_version.rpartition("/")[0]
