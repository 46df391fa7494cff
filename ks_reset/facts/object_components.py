"""The component of each object on one cluster: by its name, its type, its helm release, or what it follows from."""

from functools import cached_property

from ks_reset import catalogue
from ks_reset.catalogue.components import (
    CORE,
    EXTENSION,
    component_of_crd,
    component_of_resource,
    component_word,
    components_of_entries,
    components_of_releases,
    listed_component,
)
from ks_reset.catalogue.detection.detect import inventories_to_use
from ks_reset.catalogue.detection.versions import major_clues, told_versions, version_clues
from ks_reset.catalogue.extensions import executor_proof
from ks_reset.catalogue.inventory import inventory_versions
from ks_reset.catalogue.names import (
    CRD_KEY,
    ENDPOINTS_KEY,
    HELM_RELEASE_NAME_ANNOTATION,
    HELM_RELEASE_NAMESPACE_ANNOTATION,
    NAMESPACE_KEY,
    SECRET_KEY,
    SERVICE_ACCOUNT_KEY,
    SERVICE_ACCOUNT_NAME_ANNOTATION,
    SERVICE_KEY,
    WORKLOAD_KEYS,
)
from ks_reset.facts.istio import HOME, istio_of
from ks_reset.model import ClusterFacts, Obj, version_number

FOUR = (4, 0, 0)


def components_of(cluster: ClusterFacts) -> "ObjectComponents":
    """The components of the objects of a cluster, made once."""
    return cluster.once(ObjectComponents)


class ObjectComponents:
    """The component of each object of one cluster. It proves nothing: whose an object is, other proofs say."""

    def __init__(self, cluster: ClusterFacts) -> None:
        self._cluster, self._extensions = cluster, catalogue.extensions_of(cluster)
        told = told_versions(version_clues(cluster))
        self._versions = _versions_here(cluster, told)
        self._told = tuple(version for version in told if version in inventory_versions()) or self._versions
        self._known: dict[tuple[str, str], str] = {}
        cluster.all()  # a watched cluster notes it: an object may follow from any other

    @cached_property
    def _by_uid(self) -> dict[str, Obj]:
        return {obj.uid: obj for obj in self._cluster.all() if obj.uid}

    @cached_property
    def _istio(self) -> frozenset[str]:
        """The UIDs of what istioctl made for ks-installer."""
        return frozenset(obj.uid for obj in istio_of(self._cluster).going)

    @property
    def _mesh(self) -> str:
        home = catalogue.shared_namespace(HOME)
        return home.component if home else ""

    def of(self, obj: Obj) -> str:
        """The component of an object, as the inventories name it; "" where nothing tells."""
        place = (obj.title, obj.uid)
        if place not in self._known:
            self._known[place] = ""  # an object that follows from itself tells nothing
            self._known[place] = self._component(obj)
        return self._known[place]

    @cached_property
    def present(self) -> tuple[str, ...]:
        """The components with a program, a namespace or an object of a type of their own here, by name."""
        telling = (*WORKLOAD_KEYS, NAMESPACE_KEY)
        found = {self.of(obj) for obj in self._cluster.all() if obj.kind.key in telling or _is_own(obj)}
        return tuple(sorted(found - {"", "extensions"}))

    @cached_property
    def running(self) -> frozenset[str]:
        """The components with a program here: of the others a namespace, a type or nothing at all is left."""
        return frozenset(self.of(obj) for key in WORKLOAD_KEYS for obj in self._cluster.of(key)) - {""}

    def _component(self, obj: Obj) -> str:
        return (
            self._of_extension(obj)
            or self._of_namespace(obj)
            or (component_of_crd(obj, self._told) if obj.kind.key == CRD_KEY else "")
            or listed_component(obj, self._versions)
            or self._of_release(obj)
            or components_of_entries().get((obj.kind.key, obj.namespace, obj.name), "")
            or self._followed(obj)
            or component_of_resource(obj.kind.resource)
        )

    def _of_extension(self, obj: Obj) -> str:
        """By the extension's namespace or release. The account that installed it, with its rights, is the core's."""
        if executor_proof(obj):
            return CORE
        home = obj.name if obj.kind.key == NAMESPACE_KEY else obj.namespace
        extension = self._extensions.by_namespace.get(home, "")
        if not extension and (release := self._extensions.release_of(obj)):
            extension = self._extensions.by_namespace.get(release[0]) or release[1].removesuffix("-agent")
        return f"{EXTENSION}{extension}" if extension else ""

    def _of_namespace(self, obj: Obj) -> str:
        """Of a namespace, and of what KubeSphere puts into one with another project's name: for that project."""
        if obj.kind.key != NAMESPACE_KEY:
            if obj.uid in self._istio:
                return self._mesh
            home = catalogue.shared_namespace(obj.namespace)
            return home.component if home and listed_component(obj, self._versions) else ""
        entry = catalogue.own_namespace_entry(obj) or catalogue.shared_namespace(obj.name)
        return entry.component if entry else ""

    def _of_release(self, obj: Obj) -> str:
        home = obj.annotations.get(HELM_RELEASE_NAMESPACE_ANNOTATION, "")
        release = f"{home}/{obj.annotations.get(HELM_RELEASE_NAME_ANNOTATION, '')}"
        if obj.kind.key == SECRET_KEY and obj.labels.get("owner") == "helm":
            release = f"{obj.namespace}/{obj.labels.get('name', '')}"
        return components_of_releases(self._versions).get(release, "")

    def _followed(self, obj: Obj) -> str:
        """The component of its first owner, of the account of a token, or of the Service of endpoints."""
        owner = next((self._by_uid[owner.uid] for owner in obj.owners if owner.uid in self._by_uid), None)
        account = obj.annotations.get(SERVICE_ACCOUNT_NAME_ANNOTATION, "")
        if owner is None and obj.kind.key == SECRET_KEY and account:
            owner = self._cluster.get(SERVICE_ACCOUNT_KEY, account, obj.namespace)
        if owner is None and obj.kind.key == ENDPOINTS_KEY:
            owner = self._cluster.get(SERVICE_KEY, obj.name, obj.namespace)
        if owner is None or owner.kind.key == NAMESPACE_KEY:
            return ""
        return self.of(owner)


def _is_own(obj: Obj) -> bool:
    """Whether an object, or the type that it defines, is in KubeSphere's API groups."""
    return catalogue.is_own_group(str(obj.spec.get("group", "")) if obj.kind.key == CRD_KEY else obj.kind.group)


def _versions_here(cluster: ClusterFacts, told: tuple[str, ...]) -> tuple[str, ...]:
    """The inventories to ask: up to the newest version told, and of 3.x alone where no type is of 4.x alone.

    An extension of 4.x has releases and objects called as those of a component of 3.x.
    """
    versions = inventories_to_use(told, [version for version in told if version not in inventory_versions()])
    is_four = any(clue.value.startswith("4") for clue in major_clues(cluster))
    return versions if is_four else tuple(v for v in versions if version_number(v) < FOUR)


def words_of(components: tuple[str, ...]) -> str:
    """The components as an operator types them, for a message; "none" without one."""
    return ", ".join(sorted({component_word(name) for name in components})) or "none"
