"""No namespace in deletion gets the finalizer back that makes the namespace controller delete its contents.

Kubernetes v1.24.17, pkg/controller/namespace/deletion/namespaced_resources_deleter.go, Delete: it leaves a namespace
alone whose spec.finalizers are empty, and deletes everything inside any other.
"""

from ks_reset.errors import Refused
from ks_reset.guards.context import GuardContext
from ks_reset.model import Action, Obj, RestoreFinalizer
from ks_reset.simulation.by_hand import finalize_command


def guard(action: Action, now: Obj, site: GuardContext) -> None:
    """Raises Refused for a namespace that somebody has deleted since the plan was made."""
    if isinstance(action, RestoreFinalizer) and now.deleting:
        raise Refused(
            f"Refused to restore the finalizer of {action.target}: it is in deletion by now, and everything inside "
            "would be deleted. Nothing was sent. Save what it holds; then this lets the deletion go on: "
            f"{finalize_command(site.world.context, now.name)}. A new plan leaves it alone: ks-reset plan repair --out "
            "repair.json."
        )
