"""KubeSphere's components in namespaces with names of other projects, such as argocd, istio-system and weave.

Others install the same projects under the same names, with helm releases of the same names and partly the same objects.
A component there is KubeSphere's only by all of these: a workload of it has the content of an inventory (its image may
come from another registry); helm's record of KubeSphere's release is in the namespace, if helm brought it; the
namespace has the label of the installer, where it gives one (ks-installer v3.3.1, roles/gatekeeper/tasks/main.yaml,
roles/edgeruntime/tasks/kubeedge.yaml, roles/common/tasks/init-namespaces.yaml, roles/ks-network/topology/weave-scope).
That workload is the anchor: without it, nothing of the component is proven.

Then proven are, of the inventory's names: what helm's label and annotations say is of that release, with any content,
since helm removes it too; and objects without a release with the content of the inventory.
"""

from collections.abc import Iterable

from msgspec import Struct

from ks_reset.catalogue.contents import shared_content_proof
from ks_reset.catalogue.entries import NamespaceEntry
from ks_reset.catalogue.inventory import Agreement, Proof, index_of, proof_of_inventory
from ks_reset.catalogue.inventory.entries import InventoryEntry
from ks_reset.catalogue.names import (
    CRD_KEY,
    HELM_MANAGED_BY_LABEL,
    HELM_RELEASE_NAME_ANNOTATION,
    HELM_RELEASE_NAMESPACE_ANNOTATION,
    NAMESPACE_KEY,
    SECRET_KEY,
    WORKLOAD_KEYS,
    WORKSPACE_LABEL,
)
from ks_reset.catalogue.namespaces import shared_namespaces
from ks_reset.facts.istio import HOME, REVISION, istio_of
from ks_reset.model import ClusterFacts, Obj, Owner

DELIVERED = (Agreement.SAME, Agreement.IMAGES)
SYSTEM_WORKSPACE = "system-workspace"
"""The Workspace of KubeSphere's own namespaces (ks-installer v3.3.1, roles/common/tasks/init-namespaces.yaml)."""


class Named(Struct, frozen=True):
    """An object named in the inventories, the shared namespace of its component, and its release ("" for none)."""

    obj: Obj
    home: str
    release: str
    agreement: Proof
    phrase: str = ""

    @property
    def is_released(self) -> bool:
        """Whether helm's label and annotations say it is of this release."""
        return (
            _release_of(self.obj) == (self.home, self.release) and self.obj.labels.get(HELM_MANAGED_BY_LABEL) == "Helm"
        )


class SharedComponents:
    """The proofs for objects of these components on one cluster, in the shared namespaces and cluster-wide."""

    def __init__(self, cluster: ClusterFacts) -> None:
        self._cluster = cluster
        self._homes = {name: entry for name, entry in shared_namespaces().items() if cluster.get(NAMESPACE_KEY, name)}
        named = [*self._find_named(), *self._istio()] if self._homes else []
        self._named = {_place(each.obj): each for each in named}
        self._anchors = {(each.home, each.release): each.obj for each in named if self._is_anchor(each)}

    @property
    def homes(self) -> tuple[str, ...]:
        """The shared namespaces with a proven component."""
        return tuple(sorted({home for home, _ in self._anchors}))

    def proof(self, obj: Obj) -> str | None:
        """The proof that an object is of one of KubeSphere's components there; None without, and for types."""
        named = self._named.get(_place(obj))
        anchor = self.anchor_of(obj)
        if named is None or anchor is None or obj.kind.key in (NAMESPACE_KEY, CRD_KEY):
            return None
        if self._released_by(named):
            return (
                f"it is of KubeSphere's helm release {named.home}/{self._released_by(named)}, known by {anchor.title}"
            )
        return f"{named.phrase or named.agreement.phrase}; the component is known by {anchor.title}"

    def proof_inside(self, obj: Obj) -> str | None:
        """The same for an object in a shared namespace, also for what a component and KubeSphere write at run time."""
        written = shared_content_proof(obj) if obj.namespace in self.homes else None
        return written or self.proof(obj)

    def is_collected(self, owner: Owner, obj: Obj) -> bool:
        """Whether garbage collection deletes an object in a shared namespace: a read list has no such owner."""
        listed = f"{owner.kind}.{owner.group}" if owner.group else owner.kind
        return obj.namespace in self._homes and listed in self._cluster.objects

    def anchor_of(self, obj: Obj) -> Obj | None:
        """The workload by which the component of an object is known; None if it is not."""
        named = self._named.get(_place(obj))
        if named is None:
            return None
        if release := self._released_by(named):
            return self._anchors.get((named.home, release))
        proves = named.agreement.proves or named.agreement.agreement is Agreement.IMAGES
        if named.release or not proves:
            return None
        return next((anchor for (home, _), anchor in self._anchors.items() if home == named.home), None)

    def home_of(self, obj: Obj) -> str:
        """The shared namespace of the component of an object with a name of the inventories; "" for another object."""
        named = self._named.get(_place(obj))
        return named.home if named else ""

    def named_objects(self) -> Iterable[Obj]:
        """The objects with a name of the inventories, proven or not."""
        return (named.obj for named in self._named.values())

    def _released_by(self, named: Named) -> str:
        """The release of an object by helm's marks, or of helm's own record; "" for none."""
        if named.obj.kind.key == SECRET_KEY and named.obj.labels.get("owner") == "helm":
            return named.obj.labels.get("name", "")
        return named.release if named.release and named.is_released else ""

    def _find_named(self) -> Iterable[Named]:
        for obj in self._cluster.all():
            if obj.namespace and obj.namespace not in self._homes:
                continue
            entries = (listed.entry for listed in index_of().find(obj.kind.key, obj.namespace, obj.name))
            places = [place for entry in entries if (place := _home_of(entry, self._homes))]
            if places and (agreement := proof_of_inventory(obj)):
                marked = [place for place in places if place == _release_of(obj)]
                yield Named(obj, *(marked or places)[0], agreement)

    def _istio(self) -> Iterable[Named]:
        """The objects that istioctl made for ks-installer, which no inventory has (facts/istio.py)."""
        for obj in istio_of(self._cluster).going if HOME in self._homes else ():
            revision = obj.labels.get(REVISION) or obj.spec.get("revision")
            proof = Proof(Agreement.LABELLED, (), self._homes[HOME].component, "roles/ks-istio")
            yield Named(obj, HOME, "", proof, f"istioctl made it for ks-installer's istio {revision}")

    def _is_anchor(self, named: Named) -> bool:
        delivered = named.agreement.agreement in DELIVERED
        if named.obj.kind.key not in WORKLOAD_KEYS or named.obj.namespace != named.home or not delivered:
            return False
        entry, namespace = self._homes[named.home], self._cluster.get(NAMESPACE_KEY, named.home)
        if entry.labelled and not (namespace and namespace.labels.get(WORKSPACE_LABEL) == SYSTEM_WORKSPACE):
            return False
        if not named.release:
            return not entry.releases
        return named.release in entry.releases and named.is_released and self._has_record(named)

    def _has_record(self, named: Named) -> bool:
        """Whether helm's record of the release is there (helm v3.19.5, pkg/storage/driver/secrets.go)."""
        return any(
            secret.namespace == named.home
            and secret.labels.get("owner") == "helm"
            and secret.labels.get("name") == named.release
            for secret in self._cluster.of(SECRET_KEY)
        )


def _release_of(obj: Obj) -> tuple[str, str]:
    """Namespace and name of the release in helm's annotations; an upgrade may have moved an object to another one."""
    annotations = obj.annotations
    return annotations.get(HELM_RELEASE_NAMESPACE_ANNOTATION, ""), annotations.get(HELM_RELEASE_NAME_ANNOTATION, "")


def _home_of(entry: InventoryEntry, homes: dict[str, NamespaceEntry]) -> tuple[str, str] | None:
    """The shared namespace of an entry's component, and its release: by helm, by its place, or by the component."""
    if entry.release:
        home, _, release = entry.release.partition("/")
        return (home, release) if home in homes else None
    if entry.namespace:
        return (entry.namespace, "") if entry.namespace in homes else None
    by_component = (
        name
        for name, home in homes.items()
        if home.component == entry.component and (entry.kind == CRD_KEY or not home.releases)
    )
    return next(((name, "") for name in by_component), None)


def _place(obj: Obj) -> tuple[str, str, str]:
    return obj.kind.key, obj.namespace, obj.name
