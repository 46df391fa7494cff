"""Put the clues together: versions, state, components, role, and the inventories to prove ownership with.

Clusters are upgraded (3.1 → 3.2 → 3.3 → 3.4), and what an earlier version left stays. So the inventories are those up
to the newest version told; all of them if a version told has none.
"""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from ks_reset.catalogue.detection.components import ComponentFound, Seen, find_components, see_objects
from ks_reset.catalogue.detection.versions import Clue, major_clues, told_versions, version_clues
from ks_reset.catalogue.extensions import extensions_of
from ks_reset.catalogue.inventory import Agreement, index_of, inventory_versions
from ks_reset.catalogue.names import CLUSTER_CONFIGURATION_KEY, CLUSTER_KEY, HOST_ROLE_LABEL
from ks_reset.model import ClusterFacts, version_number

CORE, SAME = "core", "same as in"


class State(StrEnum):
    """How much of KubeSphere is here."""

    ABSENT = "absent"
    INSTALLED = "installed"
    MIXED = "mixed: its parts are of several versions"
    HALF_REMOVED = "half removed: objects are left, the core does not run"


class Detection(Struct, frozen=True):
    """What is installed in one cluster.

    `told` are the versions told, the weightiest first; `unknown` those of them without an inventory. `earlier` are
    versions before the told ones with objects here that no told version has. `inventories` are those to use.
    `unread`: what could not be read, so that something may be missing here.
    `extensions` are those of KubeSphere 4 with a namespace here.
    """

    state: State
    told: tuple[str, ...]
    unknown: tuple[str, ...]
    earlier: tuple[str, ...]
    inventories: tuple[str, ...]
    role: str
    components: tuple[ComponentFound, ...]
    evidence: tuple[Clue, ...]
    unread: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()

    @property
    def likely(self) -> str:
        """The version with the most objects of the same content here; "" if none tells."""
        return next((clue.version for clue in self.evidence if clue.field == SAME), "")


def detect_installation(cluster: ClusterFacts) -> Detection:
    """Detect the versions, components and role of KubeSphere in a cluster."""
    clues, majors = version_clues(cluster), major_clues(cluster)
    told = told_versions(clues)
    unknown = tuple(version for version in told if version not in inventory_versions())
    inventories = inventories_to_use(told, unknown)
    seen = see_objects(cluster, inventories)
    components = find_components(seen, told)
    extensions = tuple(sorted(extensions_of(cluster).by_namespace.values()))
    return Detection(
        state=_state(told, majors, components, extensions),
        told=told,
        unknown=unknown,
        earlier=_earlier_versions(seen, told),
        inventories=inventories,
        role=_role(cluster),
        components=components,
        evidence=(*clues, *majors, *_likeness(seen)),
        unread=tuple(gap.what for gap in cluster.gaps),
        extensions=extensions,
    )


def inventories_to_use(told: Iterable[str], unknown: Iterable[str]) -> tuple[str, ...]:
    """The versions up to the newest one told; all of them if none is told or one told has no inventory."""
    told, every = tuple(told), inventory_versions()
    if not told or tuple(unknown):
        return every
    newest = max(version_number(version) for version in told)
    return tuple(version for version in every if version_number(version) <= newest)


def _state(
    told: tuple[str, ...], majors: tuple[Clue, ...], components: tuple[ComponentFound, ...], extensions: tuple[str, ...]
) -> State:
    core = next((component for component in components if component.name == CORE), None)
    if core is None:
        return State.HALF_REMOVED if components or told or extensions else State.ABSENT
    if core.is_left_over:
        return State.HALF_REMOVED
    return State.MIXED if len(told) > 1 or len(majors) > 1 else State.INSTALLED


def _earlier_versions(seen: Iterable[Seen], told: tuple[str, ...]) -> tuple[str, ...]:
    """The newest version of each object that no told version delivers under its name; () for an unknown version."""
    if not told or not set(told) <= set(inventory_versions()):
        return ()
    index, oldest = index_of(told), min(map(version_number, told))
    left = [one for one in seen if one.tells and not any(index.find(one.obj.kind.key, one.obj.namespace, one.obj.name))]
    newest = {max(one.proof.versions, key=version_number) for one in left}
    return tuple(sorted((v for v in newest if version_number(v) < oldest), key=version_number))


def _likeness(seen: Iterable[Seen]) -> tuple[Clue, ...]:
    """The version with the most objects of the same content here: a hint where nothing tells the version."""
    counts = Counter(v for one in seen if one.proof.agreement is Agreement.SAME for v in one.proof.versions)
    return tuple(Clue(f"{count} objects", SAME, version, version) for version, count in counts.most_common(1))


def _role(cluster: ClusterFacts) -> str:
    """host, member or none by the ClusterConfiguration; host by a Cluster of its own; "" if nothing tells.

    ks-installer v3.3.1, deploy/cluster-configuration.yaml; kubesphere v4.1.3, pkg/controller/cluster.
    """
    for configuration in cluster.of(CLUSTER_CONFIGURATION_KEY):
        return str((configuration.spec.get("multicluster") or {}).get("clusterRole") or "none")
    return "host" if any(HOST_ROLE_LABEL in obj.labels for obj in cluster.of(CLUSTER_KEY)) else ""
