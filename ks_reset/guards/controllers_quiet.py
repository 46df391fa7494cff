"""No controller of KubeSphere or kubefed may run while records, marks and types are removed.

Each restores missing objects or reacts to deletions within seconds (kubefed v0.8.1, pkg/controller/sync/controller.go;
kubesphere v3.3.1, pkg/controller/namespace); so does a controller recreated under its old name.
"""

from ks_reset.errors import Refused
from ks_reset.guards.context import GuardContext
from ks_reset.model import Action, Obj, Scale


def guard(action: Action, _: Obj, site: GuardContext) -> None:
    """Raises Refused for any write but a scaling while a controller the plan stopped, on any cluster, has replicas."""
    if isinstance(action, Scale):
        return
    if site.restarted:
        raise Refused(
            f"Refused to {action.verb} {action.target}: {site.restarted[0]} has been started again and would react. "
            "Nothing was sent. Find out who started it, then apply the plan again."
        )
