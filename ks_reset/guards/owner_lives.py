"""No object is given an absent owner: garbage collection would delete the object at once.

Kubernetes v1.24.17, pkg/controller/garbagecollector/garbagecollector.go, attemptToDeleteItem.
"""

from ks_reset.errors import Refused
from ks_reset.guards.context import GuardContext
from ks_reset.model import Action, AddMarks, Obj


def guard(action: Action, _: Obj, site: GuardContext) -> None:
    """Raises Refused if no live object has the UID of an owner to be added."""
    if not isinstance(action, AddMarks):
        return
    owners = [(owner, site.world.with_uid(owner["uid"])) for owner in action.marks.owners]
    if gone := [owner for owner, obj in owners if obj is None or obj.deleting]:
        first = gone[0]
        raise Refused(
            f"Refused to mark {action.target}: its owner {first['kind']} {first['name']} with UID {first['uid']} is "
            "gone or being deleted; garbage collection would delete its dependents. Nothing was sent. Make a new plan: "
            f"{site.new_plan()}."
        )
