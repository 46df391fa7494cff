"""Nobody may have moved into a namespace of KubeSphere's since the plan: it goes with all that is in it."""

from ks_reset.catalogue.ownership import is_canary
from ks_reset.errors import Refused
from ks_reset.findings.fleet.users_in_system_namespace import inhabitants, telling
from ks_reset.guards.context import GuardContext
from ks_reset.model import Action, Delete, Obj


def guard(action: Action, now: Obj, site: GuardContext) -> None:
    """Raises Refused if a namespace to be deleted holds workloads or claims of users'; a canary, any but its own."""
    if not isinstance(action, Delete) or action.kind.key != "Namespace":
        return
    found = [o for o in inhabitants(site.world, site.data) if o.namespace == now.name]
    if is_canary(now):
        inside = [o for key in telling(site.world) for o in site.world.of(key) if o.namespace == now.name]
        found = [o for o in inside if not o.owners and not is_canary(o)]
    if found:
        names = ", ".join(o.title for o in found[:3])
        raise Refused(
            f"Refused to delete {action.target}: {len(found)} object(s) of users are in it by now ({names}). Nothing "
            "was sent. Move them elsewhere, or make a new plan with --delete-data for claims, then apply again."
        )
