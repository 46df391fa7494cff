"""Which components are here, by the objects of the inventories found in the cluster."""

from collections.abc import Iterable

from msgspec import Struct

from ks_reset.catalogue.inventory import Agreement, Proof, index_of, proof_of_inventory
from ks_reset.catalogue.names import DAEMON_SET_KEY, DEPLOYMENT_KEY, NAMESPACE_KEY, STATEFUL_SET_KEY
from ks_reset.model import ClusterFacts, Obj

WORKLOADS = (DEPLOYMENT_KEY, STATEFUL_SET_KEY, DAEMON_SET_KEY)
TELLING = frozenset({Agreement.SAME, Agreement.IMAGES, Agreement.LABELLED, Agreement.VARIES})
"""A name alone tells nothing: a user's object may have it."""


class ComponentFound(Struct, frozen=True):
    """A component with at least one object here, and examples of its objects.

    `runs`: a workload of it exists; `had_workloads`: some version delivers one. One that had and does not run was
    taken off in part.
    """

    name: str
    objects: int
    runs: bool
    had_workloads: bool
    examples: tuple[str, ...]

    @property
    def is_left_over(self) -> bool:
        return self.had_workloads and not self.runs


class Seen(Struct, frozen=True):
    """An object with what the inventories say about it."""

    obj: Obj
    proof: Proof


def see_objects(cluster: ClusterFacts, versions: Iterable[str] = ()) -> tuple[Seen, ...]:
    """The objects that agree with an entry of these versions by more than their name."""
    versions = tuple(versions)
    seen = ((obj, proof_of_inventory(obj, versions)) for obj in cluster.all())
    return tuple(Seen(obj, proof) for obj, proof in seen if proof and proof.agreement in TELLING)


def find_components(seen: Iterable[Seen], versions: Iterable[str] = ()) -> tuple[ComponentFound, ...]:
    """A component for each with an object here, by name."""
    by_name: dict[str, list[Obj]] = {}
    for one in seen:
        if one.obj.kind.key != NAMESPACE_KEY:
            by_name.setdefault(one.proof.component, []).append(one.obj)
    working = components_with_workloads(versions)
    return tuple(_component(name, by_name[name], name in working) for name in sorted(by_name))


def components_with_workloads(versions: Iterable[str] = ()) -> frozenset[str]:
    """The components with a workload in these versions."""
    entries = (listed.entry for many in index_of(versions).exact.values() for listed in many)
    return frozenset(entry.component for entry in entries if entry.kind in WORKLOADS)


def _component(name: str, objects: list[Obj], had_workloads: bool) -> ComponentFound:
    runs = any(obj.kind.key in WORKLOADS for obj in objects)
    return ComponentFound(name, len(objects), runs, had_workloads, tuple(obj.title for obj in objects[:3]))
