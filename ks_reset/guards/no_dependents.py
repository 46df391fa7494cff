"""Nothing of a user's may name the object as its owner when it is deleted, or garbage collection takes it along.

The garbage collector deletes a dependent whose owners are all absent: Kubernetes v1.24,
pkg/controller/garbagecollector/garbagecollector.go, attemptToDeleteItem.
"""

from ks_reset.catalogue.ownership import protected
from ks_reset.errors import Refused
from ks_reset.guards.context import GuardContext
from ks_reset.model import Action, Delete, Obj


def guard(action: Action, now: Obj, site: GuardContext) -> None:
    """Raises Refused if an object that stays, outside KubeSphere's own groups and namespaces is owned by this one."""
    if not isinstance(action, Delete):
        return
    owned = [o for o in site.world.dependents.get(now.uid, ()) if o.uid not in site.doomed and protected(o)]
    if owned:
        names = ", ".join(o.title for o in owned[:3])
        raise Refused(
            f"Refused to delete {action.target}: {len(owned)} object(s) of users name it as owner and garbage "
            f"collection would delete them ({names}). Nothing was sent. Make a new plan."
        )
