"""The cluster must be the planned one: its endpoint may lead to another cluster by the time of the write."""

import shlex

from ks_reset.catalogue.names import KUBE_SYSTEM_NAMESPACE
from ks_reset.errors import Stale
from ks_reset.guards.context import GuardContext
from ks_reset.model import Action, Obj


def guard(action: Action, _: Obj, site: GuardContext) -> None:
    """Raises Stale if the UID of kube-system differs from the planned one."""
    if site.identity != action.cluster:
        raise Stale(
            f"Refused to {action.verb} {action.target}: another cluster answers now (kube-system UID {site.identity}, "
            f"planned {action.cluster}). Nothing was sent. Find out where the endpoint leads: kubectl --context "
            f"{shlex.quote(site.world.context)} get namespace {KUBE_SYSTEM_NAMESPACE} -o jsonpath='{{.metadata.uid}}' "
            "shows the UID; once it is the planned one, run the same command again."
        )
