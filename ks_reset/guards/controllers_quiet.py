"""Nothing that reacts may run while records, marks and types are taken away.

Every controller of KubeSphere and kubefed restores what it finds missing or acts on what it sees deleted within
seconds (kubefed v0.8.1, pkg/controller/sync/controller.go; kubesphere v3.3.1, pkg/controller/namespace); so does one
that somebody has made anew under its old name.
"""

from ks_reset.errors import Refused
from ks_reset.guards.site import Site
from ks_reset.model import Action, Obj, Verb


def guard(action: Action, _: Obj, site: Site) -> None:
    """Raises Refused if a controller that the plan stopped wants pods while something is deleted or stripped."""
    if action.verb is Verb.SCALE:
        return
    for obj in site.world.of("Deployment.apps"):
        if (obj.namespace, obj.name) in site.stopped and obj.spec.get("replicas", 1) > 0:
            raise Refused(
                f"Refused to {action.verb} {action.target}: {obj.title} has been started again and would react. "
                "Nothing was sent. Find who started it, then apply the plan again."
            )
