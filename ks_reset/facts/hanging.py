"""Objects in deletion held by a finalizer of KubeSphere's or kubefed's, and whether its program is gone.

doctor and the steps of repair both ask here, so that repair mends what doctor tells. A program is gone where no
Deployment of it has replicas, and nothing runs it without one. Somebody may renew its lock all the same: the step
prove-gone looks at the lock.
"""

from collections.abc import Iterable

from msgspec import Struct

from ks_reset import catalogue
from ks_reset.catalogue.finalizers import known_programs
from ks_reset.facts.stray_controllers import runs_program
from ks_reset.model import ClusterFacts, Obj


class Hold(Struct, frozen=True):
    """A finalizer on an object in deletion, and the Deployments that would take it off; () if none is known."""

    obj: Obj
    finalizer: str
    programs: tuple[str, ...]


def orphaned_holds(cluster: ClusterFacts) -> list[Hold]:
    """The holds of finalizers whose program is not known, or has no replicas on this cluster."""
    return [hold for hold in _own_holds(cluster) if not runs_program(cluster, hold.programs)]


def _own_holds(cluster: ClusterFacts) -> Iterable[Hold]:
    for obj in cluster.all():
        for finalizer in obj.finalizers if obj.deleting else ():
            if catalogue.is_own_finalizer(obj.kind.key, finalizer):
                yield Hold(obj, finalizer, known_programs(obj.kind.key, finalizer))
