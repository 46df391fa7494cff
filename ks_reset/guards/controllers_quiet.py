"""Nothing that reacts may run while records, marks and types are taken away.

Every controller of KubeSphere and kubefed restores what it finds missing or acts on what it sees deleted within
seconds (kubefed v0.8.1, pkg/controller/sync/controller.go; kubesphere v3.3.1, pkg/controller/namespace); so does one
that somebody has made anew under its old name.
"""

from ks_reset.errors import Refused
from ks_reset.guards.context import GuardContext
from ks_reset.model import Action, Obj, Scale


def guard(action: Action, _: Obj, site: GuardContext) -> None:
    """Raises Refused for a deletion or a strip while a controller that the plan stopped, anywhere, wants pods again."""
    if isinstance(action, Scale):
        return
    if site.restarted:
        raise Refused(
            f"Refused to {action.verb} {action.target}: {site.restarted[0]} has been started again and would react. "
            "Nothing was sent. Find who started it, then apply the plan again."
        )
