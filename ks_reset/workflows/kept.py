"""Leftovers that stay by choice: marks with a reader, and what belongs to a component or an operator that stays."""

from collections.abc import Callable, Iterable, Sequence

from ks_reset.catalogue.marks import is_own_group
from ks_reset.catalogue.names import API_SERVICE_KEY, CRD_KEY, KUBEFED_MANAGED_LABEL, NAMESPACE_KEY
from ks_reset.facts.component_choice import ComponentChoice
from ks_reset.facts.kept import Kept
from ks_reset.facts.mark_readers import MarkReaders, is_kept_mark
from ks_reset.facts.webhooks import called_services
from ks_reset.model import ClusterFacts, FleetFacts, Obj, Plan, Request
from ks_reset.verify import Leftover


def without_kept(
    facts: FleetFacts,
    choices: Callable[[ClusterFacts], Request],
    leftovers: Iterable[Leftover],
    plans: Sequence[Plan] = (),
) -> list[Leftover]:
    """The leftovers without those that stay by the choices on their cluster, or as an approved plan says."""
    by_name = {cluster.name: _KeptLeftovers(cluster, choices(cluster)) for cluster in facts.clusters}
    stated = {(kept.cluster, kept.object, kept.why.partition(":")[0]) for plan in plans for kept in plan.kept}
    return [
        leftover
        for leftover in leftovers
        if not by_name[leftover.cluster].covers(leftover)
        and (leftover.cluster, leftover.object, f"keeps {leftover.value}") not in stated
    ]


class _KeptLeftovers:
    def __init__(self, cluster: ClusterFacts, request: Request) -> None:
        self._readers, self._kept = MarkReaders(cluster, request), Kept(cluster, request)
        self._cluster, self._choice = cluster, ComponentChoice(cluster, request)

    def covers(self, leftover: Leftover) -> bool:
        key, _, place = leftover.object.partition(" ")
        namespace, _, name = place.rpartition("/")
        obj = self._cluster.get(key, name, namespace)
        if obj is not None and self._choice.only and not self._choice.may_go(obj):
            return True
        if obj is not None and self._would_delete(leftover, obj):
            return False
        if (name if key == NAMESPACE_KEY else namespace) in self._kept.namespaces:
            return True
        if obj is not None and (self._is_kept(key, obj) or not self._choice.may_go(obj)):
            return True
        if obj is not None and leftover.field == "webhooks":
            called = {namespace for namespace, _ in called_services(obj)}
            if self._kept.calls_standalone_program(called):
                return True
        if leftover.field in ("subjects", "webhooks"):
            return any(f" {namespace}/" in leftover.value for namespace in self._kept.namespaces)
        return obj is not None and is_kept_mark(self._readers, obj, leftover.field, leftover.value)

    def _would_delete(self, leftover: Leftover, obj: Obj) -> bool:
        """Whether a controller deletes the object by this trace: kubefed's label, or an owner that does not stay."""
        if leftover.field == "metadata.ownerReferences":
            named = (owner for owner in obj.owners if f"{owner.kind} {owner.name}" == leftover.value)
            return any(is_own_group(o.group) and not self._kept.keeps_owner(o.group, o.kind) for o in named)
        return leftover.field == "metadata.labels" and leftover.value == KUBEFED_MANAGED_LABEL

    def _is_kept(self, key: str, obj: Obj) -> bool:
        """Whether an uninstall with these choices lets the object stay."""
        if key == CRD_KEY:
            return self._kept.keeps_type(obj)
        if key == API_SERVICE_KEY:
            return self._is_kept_api(obj)
        return self._kept.keeps_object(obj)

    def _is_kept_api(self, api: Obj) -> bool:
        """Whether an API stays: of a kept operator's Service, or of a kept type, by kube-apiserver's own hand.

        kubernetes v1.24.17, pkg/controlplane/controller/crdregistration/crdregistration_controller.go.
        """
        if service := api.spec.get("service"):
            return service.get("namespace") in self._kept.namespaces
        return self._kept.serves_group(str(api.spec.get("group")))
