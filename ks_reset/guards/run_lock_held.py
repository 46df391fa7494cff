"""Only one ks-reset runs at a time, on any machine: this run must still hold the lock of the cluster."""

from ks_reset.errors import Refused
from ks_reset.guards.context import GuardContext
from ks_reset.model import Action, Obj


def guard(action: Action, _: Obj, site: GuardContext) -> None:
    """Raises Refused if another run or nobody holds the lock."""
    if site.holder != site.mine:
        raise Refused(
            f"Refused to {action.verb} {action.target}: the lock of this cluster is held by {site.holder or 'nobody'}, "
            f"not by {site.mine}. Nothing was sent. Let the other run end first, then run the same command again."
        )
