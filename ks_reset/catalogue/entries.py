"""Types of the catalogue's entries. Every entry has a first and last version and its sources."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Since = Annotated[str, Meta(pattern=r"^\d+\.\d+\.\d+$")]
Until = Annotated[str, Meta(pattern=r"^(\d+\.\d+\.\d+)?$")]


class Entry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`until` is empty if the newest version read still has it; a source is `repository@tag:path`."""

    since: Since
    until: Until
    component: str
    source: Annotated[tuple[str, ...], Meta(min_length=1)]


class CrdEntry(Entry, frozen=True, kw_only=True):
    """A custom resource type. `effect` names the consequences of deleting its objects."""

    name: str
    kind: str
    scope: str
    ownership: Literal["own", "bundled-kubefed", "third-party"]
    remove: Literal["yes", "proof", "never"]
    finalizers: tuple[str, ...]
    effect: str = ""

    @property
    def key(self) -> str:
        """`Kind.group`, as in ClusterFacts.objects."""
        return f"{self.kind}.{self.name.partition('.')[2]}"


class NamespaceEntry(Entry, frozen=True, kw_only=True):
    """A namespace. `remove` is yes, gateway (may carry users' traffic), proof (may be shared), shared or never.

    A shared one has the name that an upstream project uses too: what KubeSphere put in it is proven object by object.
    `releases` are the helm releases that KubeSphere installs there; `labelled`: its installer labels the namespace.
    """

    name: str
    remove: Literal["yes", "gateway", "proof", "shared", "never"]
    created_by: str
    note: str = ""
    releases: tuple[str, ...] = ()
    labelled: bool = False


class MarkEntry(Entry, frozen=True, kw_only=True):
    """A label, annotation, finalizer or ownerReference on a user's object, and whether it may be removed.

    `remove` is yes, optional (removing it changes nothing) or never; `*` in `key` matches anything.
    """

    object: str
    type: str
    key: str
    value: str
    writer: str
    remove: Literal["yes", "optional", "never"]
    note: str = ""


class WebhookEntry(Entry, frozen=True, kw_only=True):
    """A webhook. `services` are `namespace/name`; `fails`: the API server refuses requests without a backend."""

    kind: str
    name: str
    services: tuple[str, ...]
    fails: bool


class ApiServiceEntry(Entry, frozen=True, kw_only=True):
    """An aggregated API, possibly installed by KubeSphere; `service` is `namespace/name`."""

    name: str
    service: str
    remove: Literal["yes", "never"]
    note: str


class ClusterRoleEntry(Entry, frozen=True, kw_only=True):
    """A ClusterRole. `digests` are of its rules in the versions read; `appended`: more rules may follow at run time."""

    name: str
    digests: tuple[str, ...]
    ownership: str
    labels: dict[str, str] = {}
    annotations: tuple[str, ...] = ()
    appended: bool = False


class BindingEntry(Entry, frozen=True, kw_only=True):
    """A ClusterRoleBinding; `subjects` are `Kind:name` or `Kind:namespace/name`."""

    name: str
    role: str
    subjects: tuple[str, ...]


class NamespacedRbacEntry(Entry, frozen=True, kw_only=True):
    """A Role or RoleBinding; `<...>` in its name is filled in at run time. `role` is `Kind name`."""

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


class ContentEntry(Entry, frozen=True, kw_only=True):
    """An object in one of KubeSphere's own namespaces; `kind` is `Kind.group`.

    What proves it beside its name, one of four: its `labels` as delivered; no other than these `keys` of a
    ConfigMap's data; that a workload of KubeSphere's names it (`used`); or nothing else, with the reason (`alone`).
    """

    kind: str
    namespace: str
    name: str
    labels: dict[str, str] = {}
    keys: tuple[str, ...] = ()
    used: bool = False
    alone: str = ""


class ReleaseEntry(Entry, frozen=True, kw_only=True):
    """A helm release of KubeSphere, by the namespace of its record."""

    namespace: str
    name: str


class OperatorEntry(Entry, frozen=True, kw_only=True):
    """An operator, a Deployment, for objects of these API groups in all namespaces; `loses`: what ends without it.

    A `limited` one acts on objects of its own namespace alone. `nodes` is the label of the nodes that need it.
    """

    name: str
    namespace: str
    workload: str
    images: tuple[str, ...]
    groups: tuple[str, ...]
    delivered: tuple[str, ...]
    loses: str
    limited: bool = False
    nodes: str = ""


class EffectEntry(Entry, frozen=True, kw_only=True):
    """What marks with these keys (`*` matches anything) do. `reader` is a program beside KubeSphere's that reads them.

    It is found by `programs`: the name of an image or of a workload, or the label app.kubernetes.io/name.
    """

    keys: tuple[str, ...]
    does: str
    reader: str = ""
    programs: tuple[str, ...] = ()


class FinalizerEntry(Entry, frozen=True, kw_only=True):
    """A finalizer on objects of these types, as `Kind.group`, and the Deployments that take it off: any one of them."""

    finalizer: str
    keys: tuple[str, ...]
    programs: tuple[str, ...]


class SharedProgramEntry(Entry, frozen=True, kw_only=True):
    """A program in kube-system that everybody uses. `uses` are types, as `Kind.group`, whose objects need it."""

    name: str
    loses: str
    uses: tuple[str, ...] = ()
    metrics: bool = False


class RelianceEntry(Entry, frozen=True, kw_only=True):
    """Something that users' namespaces rely on, known by `types` and `marks`.

    `then`: what becomes of it; `instead`: what to do where KubeSphere does not come back.
    """

    what: str
    then: str
    instead: str
    types: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    stays: tuple[str, ...] = ()


class IstioEntry(Entry, frozen=True, kw_only=True):
    """A control plane of istio of ks-installer's; its profile has the address `tracing` in `field`."""

    revision: str
    version: str
    field: str
    tracing: str


class VolumeEntry(Entry, frozen=True, kw_only=True):
    """A claim in one of KubeSphere's namespaces; `*` in its name matches anything. `holds`: the data, as a phrase."""

    namespace: str
    claim: str
    holds: str


class ComponentEntry(Entry, frozen=True, kw_only=True):
    """A component that an operator may choose; components.yaml says what each field is for."""

    name: str
    also: tuple[str, ...] = ()
    switches: dict[str, str] = {}
    marks: tuple[str, ...] = ()
    held_by: str = ""
    uses: tuple[str, ...] = ()
    not_alone: str = ""
    not_kept: str = ""
    ends: str = ""
    namespaces: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    core_types: bool = False
