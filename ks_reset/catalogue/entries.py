"""The shapes of the catalogue's entries. Every entry says since when, until when, and where that was read."""

from msgspec import Struct


class Entry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`until` is empty for what the newest version read still has; `source` is `repository@tag:path`."""

    since: str
    until: str
    component: str
    source: tuple[str, ...]


class CrdEntry(Entry, frozen=True, kw_only=True):
    """A custom resource type. `remove` is yes, proof or never; `effect` is what deleting its objects sets off."""

    name: str
    kind: str
    scope: str
    ownership: str
    remove: str
    finalizers: tuple[str, ...]
    effect: str = ""


class NamespaceEntry(Entry, frozen=True, kw_only=True):
    """A namespace. `remove` is yes, gateway (may carry users' traffic), proof (may be shared) or never."""

    name: str
    remove: str
    created_by: str
    note: str = ""


class MarkEntry(Entry, frozen=True, kw_only=True):
    """A label, annotation, finalizer or ownerReference on a user's object, and whether it may be taken off."""

    object: str
    type: str
    key: str
    value: str
    writer: str
    remove: str


class WebhookEntry(Entry, frozen=True, kw_only=True):
    """`services` are `namespace/name`; `fails` says that requests are refused while the backend is gone."""

    kind: str
    name: str
    services: tuple[str, ...]
    fails: bool


class ClusterRoleEntry(Entry, frozen=True, kw_only=True):
    """`digests` are those of the rules in the versions read."""

    name: str
    digests: tuple[str, ...]
    ownership: str
    labels: dict[str, str] = {}
    annotations: tuple[str, ...] = ()


class BindingEntry(Entry, frozen=True, kw_only=True):
    """`subjects` are `Kind:name` or `Kind:namespace/name`."""

    name: str
    role: str
    subjects: tuple[str, ...]


class NamespacedRbacEntry(Entry, frozen=True, kw_only=True):
    """A Role or RoleBinding; `<...>` in its name stands for what is chosen at run time."""

    kind: str
    name: str
    written_in: str
    labels: dict[str, str] = {}
    annotations: tuple[str, ...] = ()
    role: str = ""
    subjects: tuple[str, ...] = ()


class WorkloadEntry(Entry, frozen=True, kw_only=True):
    kind: str
    namespace: str
    name: str
    delivered_by: str


class MemberEntry(Entry, frozen=True, kw_only=True):
    where: str
    what: str
    detail: str


class OrderEntry(Entry, frozen=True, kw_only=True):
    id: str
    first: str
    then: str
    reason: str


class FederatedEntry(Entry, frozen=True, kw_only=True):
    type: str
    name: str
    detail: str = ""
    finalizers: tuple[str, ...] = ()
