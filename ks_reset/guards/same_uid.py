"""The object that carries the name now must be the one that was planned; a namesake is somebody else's."""

from ks_reset.errors import Stale
from ks_reset.guards.context import GuardContext
from ks_reset.model import Action, Obj


def guard(action: Action, now: Obj, _: GuardContext) -> None:
    """Raises Stale if the UID differs from the planned one."""
    if action.uid and now.uid != action.uid:
        raise Stale(
            f"{action.target} was made anew since the plan: planned UID {action.uid}, present UID {now.uid}. "
            "Nothing was sent. Make a new plan."
        )
