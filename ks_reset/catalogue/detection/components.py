"""Which components are here, by the objects of the inventories found in the cluster."""

from collections.abc import Iterable

from msgspec import Struct

from ks_reset.catalogue.inventory import Agreement, Proof, index_of, proof_of_inventory
from ks_reset.catalogue.names import NAMESPACE_KEY, WORKLOAD_KEYS
from ks_reset.model import ClusterFacts, Obj

TELLING = frozenset({Agreement.SAME, Agreement.IMAGES, Agreement.LABELLED, Agreement.VARIES})
"""A name alone does not tell that a component is here: a user's object may have it."""


class ComponentFound(Struct, frozen=True):
    """A component with at least one object here, and examples of its objects.

    `has_workload`: a workload with the name of one of its own exists, changed by an operator or not. `had_workloads`:
    the versions told deliver one.
    """

    name: str
    objects: int
    has_workload: bool
    had_workloads: bool
    examples: tuple[str, ...]

    @property
    def is_left_over(self) -> bool:
        """Whether it was taken off in part: its workloads are gone, other objects are left."""
        return self.had_workloads and not self.has_workload


class Seen(Struct, frozen=True):
    """An object with what the inventories say about it."""

    obj: Obj
    proof: Proof

    @property
    def tells(self) -> bool:
        return self.proof.agreement in TELLING


def see_objects(cluster: ClusterFacts, versions: Iterable[str] = ()) -> tuple[Seen, ...]:
    """The objects with a name in the inventories of these versions."""
    versions = tuple(versions)
    seen = ((obj, proof_of_inventory(obj, versions)) for obj in cluster.all())
    return tuple(Seen(obj, proof) for obj, proof in seen if proof)


def find_components(seen: Iterable[Seen], versions: Iterable[str] = ()) -> tuple[ComponentFound, ...]:
    """The components of these objects, by name; `versions` are those told."""
    seen = tuple(seen)
    by_name: dict[str, list[Obj]] = {}
    for one in seen:
        if one.tells and one.obj.kind.key != NAMESPACE_KEY:
            by_name.setdefault(one.proof.component, []).append(one.obj)
    here = {one.proof.component for one in seen if one.obj.kind.key in WORKLOAD_KEYS}
    delivered = components_with_workloads(versions)
    return tuple(
        ComponentFound(name, len(objs), name in here, name in delivered, tuple(obj.title for obj in objs[:3]))
        for name, objs in sorted(by_name.items())
    )


def components_with_workloads(versions: Iterable[str] = ()) -> frozenset[str]:
    """The components with a workload in these versions."""
    entries = (listed.entry for many in index_of(versions).exact.values() for listed in many)
    return frozenset(entry.component for entry in entries if entry.kind in WORKLOAD_KEYS)
