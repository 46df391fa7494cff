"""With --only and --keep, an object of another component, or of one that stays, is never deleted."""

from ks_reset.catalogue.components import component_word
from ks_reset.errors import Refused
from ks_reset.facts.component_choice import ComponentChoice
from ks_reset.facts.object_components import components_of
from ks_reset.guards.context import GuardContext
from ks_reset.model import Action, Delete, Obj


def guard(action: Action, now: Obj, site: GuardContext) -> None:
    """Raises Refused for a deletion that the choice of components excludes as the object is now."""
    request = site.request
    if not isinstance(action, Delete) or not (request.only or request.kept_components):
        return
    if not ComponentChoice(site.world, request).may_go(now):
        component = component_word(components_of(site.world).of(now)) or "no component"
        raise Refused(
            f"Refused to delete {action.target}: it is of {component} now, which was not chosen to go. Nothing was "
            f"sent. Make a new plan with the same choices: {site.new_plan()}; read it, and apply that one."
        )
