"""The cluster that answers now must be the one that was planned: an endpoint can lead elsewhere at any moment."""

from ks_reset.errors import Stale
from ks_reset.guards.context import GuardContext
from ks_reset.model import Action, Obj


def guard(action: Action, _: Obj, site: GuardContext) -> None:
    """Raises Stale if the UID of kube-system is another than planned."""
    if site.identity != action.cluster:
        raise Stale(
            f"Refused to {action.verb} {action.target}: another cluster answers now (kube-system UID {site.identity}, "
            f"planned {action.cluster}). Nothing was sent. Find out where the endpoint leads."
        )
