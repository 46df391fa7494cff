"""A label or annotation written by others since the plan is not overwritten."""

from ks_reset.errors import Refused
from ks_reset.guards.context import GuardContext
from ks_reset.model import Action, AddMarks, Obj


def guard(action: Action, now: Obj, site: GuardContext) -> None:
    """Raises Refused if a label or annotation to be added is present with another value."""
    if not isinstance(action, AddMarks):
        return
    for present, given in ((now.labels, action.marks.labels), (now.annotations, action.marks.annotations)):
        for key, value in given.items():
            if present.get(key, value) != value:
                raise Refused(
                    f"Refused to mark {action.target} with {key}={value}: its value is {present[key]} now. "
                    f"Nothing was sent. Find out who changed it, then make a new plan: {site.new_plan()}."
                )
