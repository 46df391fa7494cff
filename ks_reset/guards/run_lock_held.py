"""One ks-reset at a time, from whatever machine: the lock of the cluster must still be this run's."""

from ks_reset.errors import Refused
from ks_reset.guards.context import GuardContext
from ks_reset.model import Action, Obj


def guard(action: Action, _: Obj, site: GuardContext) -> None:
    """Raises Refused if somebody else holds the lock."""
    if site.holder != site.mine:
        raise Refused(
            f"Refused to {action.verb} {action.target}: the lock of this cluster is held by {site.holder or 'nobody'}, "
            f"not by {site.mine}. Nothing was sent. Let the other run end first."
        )
