"""Leftovers that stay by choice: marks with a reader, and what belongs to an operator that is kept or forgone."""

from collections.abc import Iterable, Sequence

from ks_reset.facts.mark_readers import MarkReaders, is_kept_mark
from ks_reset.facts.operators import is_spared, kept_namespaces, spared_groups
from ks_reset.model import ClusterFacts, FleetFacts, Obj, Plan, Request
from ks_reset.verify import Leftover


def without_kept(
    facts: FleetFacts, request: Request, leftovers: Iterable[Leftover], plans: Sequence[Plan] = ()
) -> list[Leftover]:
    """The leftovers without those that stay by choice, or of which an approved plan says that they stay."""
    by_name = {cluster.name: _Kept(cluster, request) for cluster in facts.clusters}
    stated = {(kept.cluster, kept.object, kept.why.partition(":")[0]) for plan in plans for kept in plan.kept}
    return [
        leftover
        for leftover in leftovers
        if not by_name[leftover.cluster].covers(leftover)
        and (leftover.cluster, leftover.object, f"keeps {leftover.value}") not in stated
    ]


class _Kept:
    def __init__(self, cluster: ClusterFacts, request: Request) -> None:
        self._readers = MarkReaders(cluster, request)
        self._namespaces = kept_namespaces(cluster, request)
        self._cluster, self._request = cluster, request
        self._groups = spared_groups(request)

    def covers(self, leftover: Leftover) -> bool:
        key, _, place = leftover.object.partition(" ")
        namespace, _, name = place.rpartition("/")
        kind, _, group = key.partition(".")
        if namespace in self._namespaces or (kind == "Namespace" and name in self._namespaces):
            return True
        if group in self._groups and self._is_spared(self._cluster.get(key, name, namespace)):
            return True
        if kind == "CustomResourceDefinition" and name.partition(".")[2] in self._groups:
            return any(map(self._is_spared, self._cluster.of_groups(name.partition(".")[2].__eq__)))
        if leftover.field == "subjects":
            return any(f" {namespace}/" in leftover.value for namespace in self._namespaces)
        return is_kept_mark(self._readers, leftover.field, leftover.value)

    def _is_spared(self, obj: Obj | None) -> bool:
        """Whether an uninstall with these choices lets the object stay."""
        return obj is not None and is_spared(self._cluster, self._request, obj)
