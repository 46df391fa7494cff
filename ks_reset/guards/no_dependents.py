"""No user's object may name the deleted object as its owner: garbage collection would delete it too.

The garbage collector deletes a dependent once all its owners are absent: Kubernetes v1.24,
pkg/controller/garbagecollector/garbagecollector.go, attemptToDeleteItem.
"""

from ks_reset.catalogue.ownership import is_users
from ks_reset.errors import Refused
from ks_reset.guards.context import GuardContext
from ks_reset.model import Action, Delete, Obj


def guard(action: Action, now: Obj, site: GuardContext) -> None:
    """Raises Refused if a user's object names this one as owner and the plan does not delete it."""
    if not isinstance(action, Delete):
        return
    owned = [o for o in site.world.dependents.get(now.uid, ()) if o.uid not in site.doomed and is_users(o)]
    if owned:
        names = ", ".join(o.title for o in owned[:3])
        raise Refused(
            f"Refused to delete {action.target}: {len(owned)} object(s) of users name it as owner and garbage "
            f"collection would delete them ({names}). Nothing was sent. Make a new plan."
        )
