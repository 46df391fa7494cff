"""The object must be the planned one, by UID; another object of the same name is left alone."""

from ks_reset.errors import Stale
from ks_reset.guards.context import GuardContext
from ks_reset.model import Action, Obj


def guard(action: Action, now: Obj, site: GuardContext) -> None:
    """Raises Stale if the UID differs from the planned one."""
    if action.uid and now.uid != action.uid:
        raise Stale(
            f"{action.target} was recreated since the plan: planned UID {action.uid}, present UID {now.uid}. "
            f"Nothing was sent. Make a new plan: {site.new_plan()}."
        )
