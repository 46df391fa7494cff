"""Objects in deletion held by a finalizer of KubeSphere's or kubefed's, and whether its program is gone.

A program is gone where no Deployment of it has replicas. That is no proof that nobody renews its lock: the step
prove-gone looks at the lock itself.
"""

from collections.abc import Iterable

from msgspec import Struct

from ks_reset import catalogue
from ks_reset.catalogue.finalizers import finalizer_programs
from ks_reset.catalogue.names import (
    KUBEFED_CONTROLLER_MANAGER,
    KUBEFED_CORE_GROUP,
    KUBEFED_DOMAIN,
)
from ks_reset.facts.controllers import kubefed_controllers, replica_count, runs_deployment
from ks_reset.model import ClusterFacts, Obj

KUBEFED = (KUBEFED_DOMAIN, KUBEFED_CORE_GROUP)


class Hold(Struct, frozen=True):
    """A finalizer on an object in deletion, and the Deployments that would take it off; () if none is known."""

    obj: Obj
    finalizer: str
    programs: tuple[str, ...]


def orphaned_holds(cluster: ClusterFacts) -> list[Hold]:
    """The holds of finalizers whose program is not known, or has no replicas on this cluster."""
    return [hold for hold in _own_holds(cluster) if not _runs(cluster, hold)]


def _own_holds(cluster: ClusterFacts) -> Iterable[Hold]:
    for obj in cluster.all():
        for finalizer in obj.finalizers if obj.deleting else ():
            if catalogue.is_own_key(finalizer):
                yield Hold(obj, finalizer, programs_of(obj, finalizer))


def programs_of(obj: Obj, finalizer: str) -> tuple[str, ...]:
    """The Deployments that take a finalizer of KubeSphere's or kubefed's off an object; () for none known."""
    if finalizer.startswith(KUBEFED):
        return (KUBEFED_CONTROLLER_MANAGER,)
    return finalizer_programs(obj.kind.key, finalizer)


def _runs(cluster: ClusterFacts, hold: Hold) -> bool:
    if KUBEFED_CONTROLLER_MANAGER in hold.programs:
        return any(map(replica_count, kubefed_controllers(cluster)))
    return runs_deployment(cluster, hold.programs)
